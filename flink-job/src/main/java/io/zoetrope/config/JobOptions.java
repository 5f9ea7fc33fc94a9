package io.zoetrope.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Every option of the job, in the order in which help and documentation list them. */
public final class JobOptions {
    public static final Option<Path> BUNDLE =
            new Option<>("bundle", ValueType.path(), null, "Folder of the model bundle that is served.");

    public static final Option<String> BOOTSTRAP_SERVERS = new Option<>(
            "bootstrap-servers",
            ValueType.text(),
            null,
            "Kafka brokers to start from, host:port, separated by commas.");

    public static final Option<String> PROMPTS_TOPIC =
            new Option<>("prompts-topic", ValueType.topic(), "zoetrope.prompts", "Topic that prompts are read from.");

    public static final Option<String> VIDEOS_TOPIC = new Option<>(
            "videos-topic", ValueType.topic(), "zoetrope.videos", "Topic that video segments are written to.");

    public static final Option<String> FAILURES_TOPIC = new Option<>(
            "failures-topic",
            ValueType.topic(),
            "zoetrope.failures",
            "Topic that gets one record for each prompt that cannot be answered by video.");

    public static final Option<String> GROUP_ID = new Option<>(
            "group-id", ValueType.text(), "zoetrope", "Consumer group whose committed offsets a new job starts from.");

    public static final Option<Delivery> DELIVERY = new Option<>(
            "delivery",
            ValueType.oneOf(Delivery.class),
            "exactly-once",
            "exactly-once commits answers with each checkpoint; at-least-once shows them at once and may repeat some"
                    + " after a failure.");

    public static final Option<Duration> CHECKPOINT_INTERVAL = new Option<>(
            "checkpoint-interval",
            ValueType.duration("50 ms", "1 h"),
            "1 s",
            "Time between checkpoints; with exactly-once an answer waits for the next one.");

    public static final Option<String> TRANSACTIONAL_ID_PREFIX = new Option<>(
            "transactional-id-prefix",
            ValueType.text(),
            "zoetrope",
            "Start of the Kafka transactional ids; unique for each job on one Kafka, and stable over its restarts.");

    public static final Option<Duration> DEDUPE_RETENTION = new Option<>(
            "dedupe-retention",
            ValueType.duration("1 s", "365 d"),
            "24 h",
            "How long a request id is remembered; a second prompt with it is dropped meanwhile.");

    public static final Option<Integer> ASYNC_CAPACITY = new Option<>(
            "async-capacity",
            ValueType.integer(1, 10_000),
            "64",
            "Prompts in flight for each parallel slot; reading pauses above it.");

    public static final Option<Duration> INFERENCE_TIMEOUT = new Option<>(
            "inference-timeout",
            ValueType.duration("1 s", "24 h"),
            "10 min",
            "Time from a prompt's admission to its answer, waiting included, after which it fails.");

    public static final Option<Integer> BATCH_MAX = new Option<>(
            "batch-max",
            ValueType.integer(1, 1024),
            "8",
            "Most prompts in one batch; the bundle's own max_batch also limits it.");

    public static final Option<Integer> QUEUE_CAPACITY = new Option<>(
            "queue-capacity",
            ValueType.integer(1, 100_000),
            "256",
            "Prompts that may wait for the device, over all slots that share it.");

    public static final Option<Codec> ENCODER =
            new Option<>("encoder", ValueType.oneOf(Codec.class), "av1", "Codec of the videos.");

    public static final Option<Integer> ENCODE_THREADS = new Option<>(
            "encode-threads", ValueType.integer(1, 256), "2", "Videos encoded side by side, one thread each.");

    public static final Option<DataSize> MAX_PAYLOAD_BYTES = new Option<>(
            "max-payload-bytes",
            ValueType.size("1 KiB", "1 GiB"),
            "9 MiB",
            "Largest record that is written, at most the max.message.bytes of both answer topics; a larger video"
                    + " becomes a PAYLOAD_TOO_LARGE failure.");

    public static final Option<Integer> PARALLELISM = new Option<>(
            "parallelism", ValueType.integer(1, 128), "1", "Parallel slots of each operator; they share one device.");

    private static final List<Option<?>> ALL = List.of(
            BUNDLE,
            BOOTSTRAP_SERVERS,
            PROMPTS_TOPIC,
            VIDEOS_TOPIC,
            FAILURES_TOPIC,
            GROUP_ID,
            DELIVERY,
            CHECKPOINT_INTERVAL,
            TRANSACTIONAL_ID_PREFIX,
            DEDUPE_RETENTION,
            ASYNC_CAPACITY,
            INFERENCE_TIMEOUT,
            BATCH_MAX,
            QUEUE_CAPACITY,
            ENCODER,
            ENCODE_THREADS,
            MAX_PAYLOAD_BYTES,
            PARALLELISM);

    private JobOptions() {}

    /** All options, in the order of the documentation. */
    public static List<Option<?>> all() {
        return ALL;
    }
}
