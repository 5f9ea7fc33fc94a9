package io.zoetrope.registry;

import io.zoetrope.config.ConfigException;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import io.zoetrope.config.Option;
import io.zoetrope.wire.AnswerFraming;
import io.zoetrope.wire.RecordCodec;
import java.util.List;
import java.util.Optional;

/** The ids of the answers' schemas in the registry. The job carries them, so a restart does not need the registry. */
public final class AnswerSchemas {
    private AnswerSchemas() {}

    /**
     * Returns the framing of a job's answers. With a registry, looks up the schemas of both answer topics, each under the
     * subject {@code TOPIC-value}, and registers those that it does not have. Blocks.
     *
     * @throws ConfigException if the registry does not answer, or refuses a schema
     */
    public static AnswerFraming framing(JobConfig config) {
        Optional<RegistryAccess> access = RegistryAccess.of(config);
        if (access.isEmpty()) {
            return AnswerFraming.SINGLE_OBJECT;
        }
        try {
            RegistryClient registry = new RegistryClient(access.get());
            return new AnswerFraming(
                    id(registry, config, JobOptions.VIDEOS_TOPIC, RecordCodec.VIDEO_SEGMENT),
                    id(registry, config, JobOptions.FAILURES_TOPIC, RecordCodec.FAILED_PROMPT));
        } catch (RegistryException | org.apache.kafka.common.config.ConfigException e) {
            throw new ConfigException(List.of(String.valueOf(e.getMessage())));
        }
    }

    private static int id(RegistryClient registry, JobConfig config, Option<String> topic, RecordCodec<?> codec) {
        return registry.id(config.get(topic) + "-value", codec.schemaText());
    }
}
