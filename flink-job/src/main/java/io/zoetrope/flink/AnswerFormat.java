package io.zoetrope.flink;

import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import io.zoetrope.wire.AnswerFraming;
import java.io.Serializable;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/**
 * The format of the records of answers.
 *
 * @param maxBytes the largest size of a record, with everything that Kafka adds
 * @param framing the framing of their values
 * @param source the source of their CloudEvents: a URI reference that names the job, the same after its restarts
 */
public record AnswerFormat(long maxBytes, AnswerFraming framing, String source) implements Serializable {
    private static final String SOURCE_PREFIX = "/zoetrope/";

    /** Returns the format of a job's answers. */
    public static AnswerFormat of(JobConfig config, AnswerFraming framing) {
        String group = URLEncoder.encode(config.get(JobOptions.GROUP_ID), StandardCharsets.UTF_8);
        return new AnswerFormat(config.get(JobOptions.MAX_PAYLOAD_BYTES).bytes(), framing, SOURCE_PREFIX + group);
    }

    /** Returns the format of answers in single-object encoding, of a job without a name. */
    public static AnswerFormat upTo(long maxBytes) {
        return new AnswerFormat(maxBytes, AnswerFraming.SINGLE_OBJECT, SOURCE_PREFIX);
    }
}
