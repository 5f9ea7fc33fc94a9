package io.zoetrope.config;

import io.zoetrope.device.DeviceChoice;
import io.zoetrope.encode.Codec;
import io.zoetrope.fair.PerTenant;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The options of the job, in the order in which the help texts and the documentation list them. */
public final class JobOptions {
    /** The default names of the topics. The commands {@code prompt} and {@code watch} have the same defaults. */
    public static final String DEFAULT_PROMPTS_TOPIC = "zoetrope.prompts";

    public static final String DEFAULT_VIDEOS_TOPIC = "zoetrope.videos";
    public static final String DEFAULT_FAILURES_TOPIC = "zoetrope.failures";
    public static final String DEFAULT_ROLLOUTS_TOPIC = "zoetrope.rollouts";

    /** All options. {@link #option} adds each constant below when it is initialised, so no option can be missing. */
    private static final List<Option<?>> ALL = new ArrayList<>();

    public static final Option<List<Path>> BUNDLE = option(
            "bundle",
            ValueType.paths(),
            null,
            "Folder of a model bundle to serve; given several times, prompts choose a bundle by its name, and the first"
                    + " one answers prompts that name none.");

    public static final Option<String> BOOTSTRAP_SERVERS = option(
            "bootstrap-servers",
            ValueType.text(),
            null,
            "Addresses of Kafka brokers to connect to first, host:port, separated by commas.");

    public static final Option<Optional<Path>> CLIENT_PROPERTIES = option(
            "client-properties",
            ValueType.fileOrNone(),
            "none",
            "File of Kafka client properties, at the same path on every machine; --kafka.SETTING VALUE overrides it.");

    public static final Option<String> PROMPTS_TOPIC =
            option("prompts-topic", ValueType.topic(), DEFAULT_PROMPTS_TOPIC, "Topic that the job reads prompts from.");

    public static final Option<String> VIDEOS_TOPIC = option(
            "videos-topic", ValueType.topic(), DEFAULT_VIDEOS_TOPIC, "Topic that the job writes video segments to.");

    public static final Option<String> FAILURES_TOPIC = option(
            "failures-topic",
            ValueType.topic(),
            DEFAULT_FAILURES_TOPIC,
            "Topic that the job writes failures to: one record for each prompt that gets no video.");

    public static final Option<Optional<String>> ROLLOUTS_TOPIC = option(
            "rollouts-topic",
            ValueType.topicOrNone(),
            "none",
            "Topic that ./zoetrope rollout writes to, which moves prompts to another version of their model while the job"
                    + " runs; none means the first bundle of each name answers.");

    public static final Option<Optional<URI>> SCHEMA_REGISTRY = option(
            "schema-registry",
            ValueType.urlOrNone(),
            "none",
            "Address of a schema registry with Confluent's API; the job then also reads prompts in the registry's"
                    + " framing, and writes its answers in it.");

    public static final Option<String> GROUP_ID = option(
            "group-id",
            ValueType.text(),
            "zoetrope",
            "Kafka consumer group; a new job starts from its committed offsets.");

    public static final Option<Optional<String>> STATE_FOLDER = option(
            "state-folder",
            ValueType.folderOrNone(),
            "none",
            "Folder or URI that keeps the job's checkpoints; a start restores the newest. none leaves both to Flink's"
                    + " own settings.");

    public static final Option<Boolean> START_FRESH = option(
            "start-fresh",
            ValueType.bool(),
            "false",
            "Allows a start without state though the group has committed offsets; prompts that were in flight then are"
                    + " not answered.");

    public static final Option<Boolean> SKIP_DELETED_PROMPTS = option(
            "skip-deleted-prompts",
            ValueType.bool(),
            "false",
            "Continues though the topic deleted prompts that the job had not read, or was created again; the job skips,"
                    + " logs and counts them.");

    public static final Option<Delivery> DELIVERY = option(
            "delivery",
            ValueType.oneOf(Delivery.class),
            "exactly-once",
            "exactly-once commits answers with each checkpoint; at-least-once publishes them at once and may repeat"
                    + " some after a failure.");

    public static final Option<Duration> CHECKPOINT_INTERVAL = option(
            "checkpoint-interval",
            ValueType.duration("50 ms", "1 h"),
            "1 s",
            "Time between checkpoints; with exactly-once an answer waits for the next one.");

    public static final Option<Optional<String>> TRANSACTIONAL_ID_PREFIX = option(
            "transactional-id-prefix",
            ValueType.textOrAuto(),
            "auto",
            "Prefix of the Kafka transactional ids; unique per job on one Kafka, and the same after its restarts. auto"
                    + " derives it from the group and the topics.");

    public static final Option<Duration> TRANSACTION_TIMEOUT = option(
            "transaction-timeout",
            ValueType.duration("10 s", "7 d"),
            "15 min",
            "Time after which Kafka aborts an open transaction and drops its answers; longer than any outage of the"
                    + " job, and at most the brokers' transaction.max.timeout.ms.");

    public static final Option<Duration> DEDUPE_RETENTION = option(
            "dedupe-retention",
            ValueType.duration("1 s", "365 d"),
            "24 h",
            "How long the job keeps a request id; it drops a second prompt with the same id during that time.");

    public static final Option<Duration> INFERENCE_TIMEOUT = option(
            "inference-timeout",
            ValueType.duration("1 s", "24 h"),
            "10 min",
            "Longest time from a prompt's turn to its answer; after it the prompt fails. The wait for its turn does not"
                    + " count.");

    public static final Option<DeviceChoice> DEVICES = option(
            "devices",
            ValueType.devices(),
            "auto",
            "Devices that the model runs on, per process; auto means the GPUs that Flink assigns, or else the CPU.");

    public static final Option<Optional<DeviceChoice>> TEXT_DEVICES = option(
            "text-devices",
            ValueType.devicesOrSame(),
            "same",
            "Devices that the text encoder runs on; it runs in parallel to the generator if their devices differ.");

    public static final Option<Optional<DeviceChoice>> DECODE_DEVICES = option(
            "decode-devices",
            ValueType.devicesOrSame(),
            "same",
            "Devices that the decoder runs on; it runs in parallel to the generator if their devices differ.");

    public static final Option<Integer> INFERENCE_THREADS = option(
            "inference-threads",
            ValueType.integer(0, 1024),
            "1",
            "Number of CPU threads of one run of the model; 0 means one per core.");

    public static final Option<Integer> CPU_LANES = option(
            "cpu-lanes",
            ValueType.integer(0, 1024),
            "0",
            "Number of runs in parallel on a CPU; they share one copy of the model; 0 means as many as use all cores.");

    public static final Option<Integer> BATCH_MAX = option(
            "batch-max",
            ValueType.integer(1, 1024),
            "32",
            "Largest number of prompts in a batch; the job measures the best size up to it and up to the bundle's"
                    + " max_batch.");

    public static final Option<Duration> BATCH_LATENCY = option(
            "batch-latency",
            ValueType.duration("1 ms", "1 h"),
            "2 s",
            "Longest time that a batch may run on a device; a batch of one may run longer.");

    public static final Option<Duration> BATCH_WAIT = option(
            "batch-wait",
            ValueType.duration("0 s", "1 min"),
            "0 s",
            "How long an idle device waits for more prompts to fill a batch; 0 s means that it starts at once.");

    public static final Option<Duration> RUN_TIMEOUT = option(
            "run-timeout",
            ValueType.duration("1 s", "24 h"),
            "30 s",
            "Longest time of one run of the model, or 20 times its measured time if that is longer; a run that takes"
                    + " longer is ended, and its prompts run once more. Encoding a video and reading a first frame have"
                    + " the same limit; what takes longer fails its prompt.");

    public static final Option<Duration> START_TIMEOUT = option(
            "start-timeout",
            ValueType.duration("1 s", "24 h"),
            "10 min",
            "Longest time to open a stage of the model, and of its first run; the process ends if opening takes"
                    + " longer.");

    public static final Option<DataSize> IN_FLIGHT_BYTES = option(
            "in-flight-bytes",
            ValueType.size("1 MiB", "1024 GiB"),
            "512 MiB",
            "Largest memory that the requests in flight of all slots hold; further prompts wait for their turn.");

    public static final Option<Integer> WAITING_PROMPTS = option(
            "waiting-prompts",
            ValueType.integer(1, 1_000_000),
            "20000",
            "Largest number of prompts that wait for their turn, in the job's state; the job stops reading above it.");

    public static final Option<DataSize> WAITING_BYTES = option(
            "waiting-bytes",
            ValueType.size("1 MiB", "1024 GiB"),
            "32 MiB",
            "Largest size of the prompts that wait for their turn; the job stops reading above it.");

    public static final Option<String> TENANT_LABEL = option(
            "tenant-label",
            ValueType.text(),
            "tenant",
            "Label of a prompt that names its tenant; prompts without it are of one tenant.");

    public static final Option<Optional<String>> TENANT_HEADER = option(
            "tenant-header",
            ValueType.textOrNone(),
            "none",
            "Header of a prompt's record that names its tenant, and wins over the label; none means only the label"
                    + " counts.");

    public static final Option<PerTenant> TENANT_WEIGHTS = option(
            "tenant-weights",
            ValueType.perTenant(),
            PerTenant.NONE,
            "Tenants that have a share of the devices of their own, with its weight; all others have one share"
                    + " together, of weight * or 1, in which they take turns.");

    public static final Option<PerTenant> TENANT_QUOTAS = option(
            "tenant-quotas",
            ValueType.perTenant(),
            PerTenant.NONE,
            "Largest number of prompts of a tenant that a slot runs at a time; * is for each tenant that is not"
                    + " listed.");

    public static final Option<PerTenant> TENANT_QUEUE_LIMITS = option(
            "tenant-queue-limits",
            ValueType.perTenant(),
            PerTenant.NONE,
            "Largest number of prompts of a tenant that wait; a further one fails with QUOTA_EXCEEDED; * is for each"
                    + " tenant that is not listed.");

    public static final Option<Codec> ENCODER = option("encoder", ValueType.oneOf(Codec.class), "vp9", "Video codec.");

    public static final Option<Integer> ENCODE_THREADS =
            option("encode-threads", ValueType.integer(1, 256), "2", "Videos encoded in parallel, one thread each.");

    public static final Option<DataSize> MAX_PAYLOAD_BYTES = option(
            "max-payload-bytes",
            ValueType.size("16 KiB", "1 GiB"),
            "9 MiB",
            "Largest record that the job writes, at most the max.message.bytes of both answer topics; a larger"
                    + " segment makes its request fail with PAYLOAD_TOO_LARGE.");

    public static final Option<Integer> PARALLELISM = option(
            "parallelism",
            ValueType.integer(1, 128),
            "1",
            "Number of parallel slots of each operator; the slots of one process share its devices.");

    private JobOptions() {}

    /**
     * Returns all options: those of this class in their order, then those of {@link DeliveryOptions}, {@link GpuOptions}
     * and {@link LimitOptions}.
     */
    public static List<Option<?>> all() {
        return Stream.of(ALL, DeliveryOptions.all(), GpuOptions.all(), LimitOptions.all())
                .flatMap(List::stream)
                .toList();
    }

    private static <T> Option<T> option(
            String key, ValueType<T> type, @Nullable String defaultText, String description) {
        Option<T> option = new Option<>(key, type, defaultText, description);
        ALL.add(option);
        return option;
    }
}
