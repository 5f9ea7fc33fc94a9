package io.zoetrope.config;

import io.zoetrope.device.DeviceChoice;
import io.zoetrope.encode.Codec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Every option of the job, in the order in which help and documentation list them. */
public final class JobOptions {
    /** The default names of the topics, which the clients of the command line use too. */
    public static final String DEFAULT_PROMPTS_TOPIC = "zoetrope.prompts";

    public static final String DEFAULT_VIDEOS_TOPIC = "zoetrope.videos";
    public static final String DEFAULT_FAILURES_TOPIC = "zoetrope.failures";

    /** Filled by {@link #option} as the constants below are initialised, so it cannot miss one. */
    private static final List<Option<?>> ALL = new ArrayList<>();

    public static final Option<Path> BUNDLE =
            option("bundle", ValueType.path(), null, "Folder of the model bundle that is served.");

    public static final Option<String> BOOTSTRAP_SERVERS = option(
            "bootstrap-servers",
            ValueType.text(),
            null,
            "Kafka brokers to start from, host:port, separated by commas.");

    public static final Option<String> PROMPTS_TOPIC =
            option("prompts-topic", ValueType.topic(), DEFAULT_PROMPTS_TOPIC, "Topic that prompts are read from.");

    public static final Option<String> VIDEOS_TOPIC = option(
            "videos-topic", ValueType.topic(), DEFAULT_VIDEOS_TOPIC, "Topic that video segments are written to.");

    public static final Option<String> FAILURES_TOPIC = option(
            "failures-topic",
            ValueType.topic(),
            DEFAULT_FAILURES_TOPIC,
            "Topic that gets one record for each prompt that cannot be answered by video.");

    public static final Option<String> GROUP_ID = option(
            "group-id", ValueType.text(), "zoetrope", "Consumer group whose committed offsets a new job starts from.");

    public static final Option<Delivery> DELIVERY = option(
            "delivery",
            ValueType.oneOf(Delivery.class),
            "exactly-once",
            "exactly-once commits answers with each checkpoint; at-least-once shows them at once and may repeat some"
                    + " after a failure.");

    public static final Option<Duration> CHECKPOINT_INTERVAL = option(
            "checkpoint-interval",
            ValueType.duration("50 ms", "1 h"),
            "1 s",
            "Time between checkpoints; with exactly-once an answer waits for the next one.");

    public static final Option<String> TRANSACTIONAL_ID_PREFIX = option(
            "transactional-id-prefix",
            ValueType.text(),
            "zoetrope",
            "Start of the Kafka transactional ids; unique for each job on one Kafka, and stable over its restarts.");

    public static final Option<Duration> DEDUPE_RETENTION = option(
            "dedupe-retention",
            ValueType.duration("1 s", "365 d"),
            "24 h",
            "How long a request id is remembered; a second prompt with it is dropped meanwhile.");

    public static final Option<Duration> INFERENCE_TIMEOUT = option(
            "inference-timeout",
            ValueType.duration("1 s", "24 h"),
            "10 min",
            "Time from a prompt's admission to its answer, waiting included, after which it fails.");

    public static final Option<DeviceChoice> DEVICES = option(
            "devices",
            ValueType.devices(),
            "auto",
            "Where the model runs, in every process; auto takes the GPUs that Flink hands out, or else the CPU.");

    public static final Option<Optional<DeviceChoice>> TEXT_DEVICES = option(
            "text-devices",
            ValueType.devicesOrSame(),
            "same",
            "Where the text encoder runs; beside the generator if the devices differ.");

    public static final Option<Optional<DeviceChoice>> DECODE_DEVICES = option(
            "decode-devices",
            ValueType.devicesOrSame(),
            "same",
            "Where the decoder runs; beside the generator if the devices differ.");

    public static final Option<Integer> INFERENCE_THREADS = option(
            "inference-threads",
            ValueType.integer(0, 1024),
            "1",
            "CPU threads that one run of the model uses; 0 for one a core.");

    public static final Option<Integer> CPU_LANES = option(
            "cpu-lanes",
            ValueType.integer(0, 1024),
            "0",
            "Runs side by side on a CPU, which share one model; 0 for as many as fill its cores.");

    public static final Option<Integer> BATCH_MAX = option(
            "batch-max",
            ValueType.integer(1, 1024),
            "32",
            "Most prompts in one batch; measuring finds the best size up to it, and up to the bundle's max_batch.");

    public static final Option<Duration> BATCH_LATENCY = option(
            "batch-latency",
            ValueType.duration("1 ms", "1 h"),
            "2 s",
            "Longest run of a batch on a device; a batch of one may take longer.");

    public static final Option<Duration> BATCH_WAIT = option(
            "batch-wait",
            ValueType.duration("0 s", "1 min"),
            "0 s",
            "How long an idle device waits for a batch to fill; it need not wait to be busy.");

    public static final Option<DataSize> IN_FLIGHT_BYTES = option(
            "in-flight-bytes",
            ValueType.size("1 MiB", "1024 GiB"),
            "512 MiB",
            "Most memory of the requests in flight, over all slots; reading pauses above it.");

    public static final Option<Codec> ENCODER =
            option("encoder", ValueType.oneOf(Codec.class), "vp9", "Codec of the videos.");

    public static final Option<Integer> ENCODE_THREADS =
            option("encode-threads", ValueType.integer(1, 256), "2", "Videos encoded side by side, one thread each.");

    public static final Option<DataSize> MAX_PAYLOAD_BYTES = option(
            "max-payload-bytes",
            ValueType.size("16 KiB", "1 GiB"),
            "9 MiB",
            "Largest record that is written, at most the max.message.bytes of both answer topics; a larger video"
                    + " becomes a PAYLOAD_TOO_LARGE failure.");

    public static final Option<Integer> PARALLELISM = option(
            "parallelism",
            ValueType.integer(1, 128),
            "1",
            "Parallel slots of each operator; those of one process share its devices.");

    private JobOptions() {}

    /** Returns all options, in the order of the documentation. */
    public static List<Option<?>> all() {
        return Collections.unmodifiableList(ALL);
    }

    private static <T> Option<T> option(
            String key, ValueType<T> type, @Nullable String defaultText, String description) {
        Option<T> option = new Option<>(key, type, defaultText, description);
        ALL.add(option);
        return option;
    }
}
