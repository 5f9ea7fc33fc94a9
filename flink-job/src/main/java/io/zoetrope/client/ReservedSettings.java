package io.zoetrope.client;

import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.AbstractConfig;

/** The settings of Kafka that the operator cannot give, because another value would break a promise of the job. */
final class ReservedSettings {
    private static final String OPTION = "it is an option of its own; give ";
    private static final String BYTES = "keys and values are bytes, which the job decodes itself; leave it out";
    private static final String COMMITTED =
            "answers and prompts of aborted transactions must not be read, so it is" + " read_committed; leave it out";
    private static final String CHECKPOINTS =
            "offsets are committed with checkpoints, so that no prompt is lost; leave it out";
    private static final String ONCE = "the job sets it, so that each answer is published once; leave it out";
    private static final String ORDER = "the records of a request have to be in one partition, in order; leave it out";

    private static final Map<String, String> REASONS = Map.ofEntries(
            Map.entry("bootstrap.servers", OPTION + "--bootstrap-servers"),
            Map.entry("group.id", OPTION + "--group-id"),
            Map.entry("transactional.id", OPTION + "--transactional-id-prefix"),
            Map.entry("transaction.timeout.ms", OPTION + "--transaction-timeout"),
            Map.entry("max.request.size", OPTION + "--max-payload-bytes"),
            Map.entry("key.deserializer", BYTES),
            Map.entry("value.deserializer", BYTES),
            Map.entry("key.serializer", BYTES),
            Map.entry("value.serializer", BYTES),
            Map.entry("isolation.level", COMMITTED),
            Map.entry("enable.auto.commit", CHECKPOINTS),
            Map.entry("auto.commit.interval.ms", CHECKPOINTS),
            Map.entry("commit.offsets.on.checkpoint", CHECKPOINTS),
            Map.entry(
                    "auto.offset.reset",
                    "a job starts from its state or its group's offsets, and does not skip prompts; see --start-fresh"
                            + " and --skip-deleted-prompts"),
            Map.entry("enable.idempotence", ONCE),
            Map.entry("acks", ONCE),
            Map.entry("transaction.two.phase.commit.enable", ONCE),
            Map.entry("partitioner.class", ORDER),
            Map.entry("partitioner.ignore.keys", ORDER),
            Map.entry(
                    "allow.auto.create.topics",
                    "a mistyped topic has to be an error; create topics with ./zoetrope topics apply"));

    private ReservedSettings() {}

    /** Returns why a setting is refused, and what to do instead; empty if it is accepted. */
    static Optional<String> reason(String key) {
        if (key.startsWith(AbstractConfig.CONFIG_PROVIDERS_CONFIG)) {
            return Optional.of("the job resolves ${env:NAME}, ${file:/path} and ${file:/path:key}; leave it out");
        }
        return Optional.ofNullable(REASONS.get(key));
    }
}
