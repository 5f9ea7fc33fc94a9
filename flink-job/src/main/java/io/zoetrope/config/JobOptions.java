package io.zoetrope.config;

import io.zoetrope.device.DeviceChoice;
import io.zoetrope.encode.Codec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

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

    public static final Option<Duration> INFERENCE_TIMEOUT = new Option<>(
            "inference-timeout",
            ValueType.duration("1 s", "24 h"),
            "10 min",
            "Time from a prompt's admission to its answer, waiting included, after which it fails.");

    public static final Option<DeviceChoice> DEVICES = new Option<>(
            "devices",
            ValueType.devices(),
            "auto",
            "Where the model runs, in every process; auto takes the GPUs that Flink hands out, or else the CPU.");

    public static final Option<Optional<DeviceChoice>> TEXT_DEVICES = new Option<>(
            "text-devices",
            ValueType.devicesOrSame(),
            "same",
            "Where the text encoder runs; beside the generator if the devices differ.");

    public static final Option<Optional<DeviceChoice>> DECODE_DEVICES = new Option<>(
            "decode-devices",
            ValueType.devicesOrSame(),
            "same",
            "Where the decoder runs; beside the generator if the devices differ.");

    public static final Option<Integer> INFERENCE_THREADS = new Option<>(
            "inference-threads",
            ValueType.integer(0, 1024),
            "1",
            "CPU threads that one run of the model uses; 0 for one a core.");

    public static final Option<Integer> CPU_LANES = new Option<>(
            "cpu-lanes",
            ValueType.integer(0, 1024),
            "0",
            "Runs side by side on a CPU, which share one model; 0 for as many as fill its cores.");

    public static final Option<Integer> BATCH_MAX = new Option<>(
            "batch-max",
            ValueType.integer(1, 1024),
            "32",
            "Most prompts in one batch; measuring finds the best size up to it, and up to the bundle's max_batch.");

    public static final Option<Duration> BATCH_LATENCY = new Option<>(
            "batch-latency",
            ValueType.duration("1 ms", "1 h"),
            "2 s",
            "Longest run of a batch on a device; a batch of one may take longer.");

    public static final Option<Duration> BATCH_WAIT = new Option<>(
            "batch-wait",
            ValueType.duration("0 s", "1 min"),
            "0 s",
            "How long an idle device waits for a batch to fill; it need not wait to be busy.");

    public static final Option<DataSize> IN_FLIGHT_BYTES = new Option<>(
            "in-flight-bytes",
            ValueType.size("1 MiB", "1024 GiB"),
            "512 MiB",
            "Most memory of the requests in flight, over all slots; reading pauses above it.");

    public static final Option<Codec> ENCODER =
            new Option<>("encoder", ValueType.oneOf(Codec.class), "vp9", "Codec of the videos.");

    public static final Option<Integer> ENCODE_THREADS = new Option<>(
            "encode-threads", ValueType.integer(1, 256), "2", "Videos encoded side by side, one thread each.");

    public static final Option<DataSize> MAX_PAYLOAD_BYTES = new Option<>(
            "max-payload-bytes",
            ValueType.size("16 KiB", "1 GiB"),
            "9 MiB",
            "Largest record that is written, at most the max.message.bytes of both answer topics; a larger video"
                    + " becomes a PAYLOAD_TOO_LARGE failure.");

    public static final Option<Integer> PARALLELISM = new Option<>(
            "parallelism",
            ValueType.integer(1, 128),
            "1",
            "Parallel slots of each operator; those of one process share its devices.");

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
            INFERENCE_TIMEOUT,
            DEVICES,
            TEXT_DEVICES,
            DECODE_DEVICES,
            INFERENCE_THREADS,
            CPU_LANES,
            BATCH_MAX,
            BATCH_LATENCY,
            BATCH_WAIT,
            IN_FLIGHT_BYTES,
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
