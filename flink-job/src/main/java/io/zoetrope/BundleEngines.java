package io.zoetrope;

import io.zoetrope.bundle.Manifest;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.bundle.SamplerSpec;
import io.zoetrope.bundle.VideoSpec;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import io.zoetrope.device.Device;
import io.zoetrope.device.DeviceChoice;
import io.zoetrope.device.DeviceSource;
import io.zoetrope.encode.Codec;
import io.zoetrope.engine.Engine;
import io.zoetrope.engine.EngineFactory;
import io.zoetrope.engine.EngineOptions;
import io.zoetrope.engine.VideoEngine;
import io.zoetrope.ffmpeg.FfmpegVideoEncoder;
import io.zoetrope.hosting.LaneOptions;
import io.zoetrope.hosting.ModelLanes;
import io.zoetrope.hosting.Placement;
import io.zoetrope.hosting.PlacementChoice;
import io.zoetrope.lane.LaneClock;
import io.zoetrope.prompt.ModelLimits;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens engines for one bundle.
 *
 * @param folder of the bundle, on every machine that the job runs on
 * @param digest that the bundle had when the job was submitted
 * @param limits what it can be asked for
 * @param codec of the videos
 * @param placement of the stages
 * @param lane how the model runs on a device
 * @param encodeThreads videos encoded side by side
 * @param inFlightPerSlot prompts that a slot hands over before it waits for answers
 * @param maxPayloadBytes of one record
 * @param slots of the job
 * @param job what tells it from others: an engine cancels by request id, and those are its job's own
 */
public record BundleEngines(
        String folder,
        String digest,
        ModelLimits limits,
        Codec codec,
        PlacementChoice placement,
        LaneOptions lane,
        int encodeThreads,
        int inFlightPerSlot,
        long maxPayloadBytes,
        int slots,
        String job)
        implements EngineFactory {
    private static final Logger LOG = LoggerFactory.getLogger(BundleEngines.class);

    /** Encoders side by side keep more cores busy than one of many threads. */
    private static final int THREADS_AN_ENCODER = 1;

    /**
     * Verifies the bundle that the options name.
     *
     * @param gpus that each process is offered, 0 for none
     * @throws io.zoetrope.bundle.BundleException with everything that is wrong with it
     */
    public static BundleEngines of(JobConfig config, int gpus) {
        ModelBundle bundle = ModelBundle.open(config.get(JobOptions.BUNDLE));
        return new BundleEngines(
                bundle.directory().toString(),
                bundle.digest(),
                limits(bundle.manifest()),
                config.get(JobOptions.ENCODER),
                placement(config),
                lanes(config),
                config.get(JobOptions.ENCODE_THREADS),
                inFlight(bundle.manifest(), config, gpus).perSlot(),
                config.get(JobOptions.MAX_PAYLOAD_BYTES).bytes(),
                config.get(JobOptions.PARALLELISM),
                String.join(
                        "/",
                        config.get(JobOptions.PROMPTS_TOPIC),
                        config.get(JobOptions.GROUP_ID),
                        config.get(JobOptions.TRANSACTIONAL_ID_PREFIX)));
    }

    private static ModelLimits limits(Manifest manifest) {
        VideoSpec video = manifest.video();
        return new ModelLimits(
                manifest.name(),
                manifest.samplers().stream().map(SamplerSpec::steps).collect(Collectors.toSet()),
                video.width(),
                video.height(),
                video.frameCount(),
                manifest.imageEncoder().isPresent());
    }

    /** Where an operator places each stage. */
    static PlacementChoice placement(JobConfig config) {
        DeviceChoice devices = config.get(JobOptions.DEVICES);
        return new PlacementChoice(
                config.get(JobOptions.TEXT_DEVICES).orElse(devices),
                devices,
                config.get(JobOptions.DECODE_DEVICES).orElse(devices));
    }

    private static LaneOptions lanes(JobConfig config) {
        return new LaneOptions(
                config.get(JobOptions.CPU_LANES),
                config.get(JobOptions.INFERENCE_THREADS),
                config.get(JobOptions.BATCH_MAX),
                config.get(JobOptions.BATCH_LATENCY),
                config.get(JobOptions.BATCH_WAIT));
    }

    private static InFlight inFlight(Manifest manifest, JobConfig config, int gpus) {
        PlacementChoice placement = placement(config);
        return new InFlight(
                Math.min(
                        config.get(JobOptions.BATCH_MAX),
                        BundleModel.maxBatch(manifest).largest()),
                placement.devices(gpus),
                placement.mayUseCpu() ? cpuLanes(config) : 0,
                config.get(JobOptions.ENCODE_THREADS),
                new MemoryNeed(
                                manifest,
                                config.get(JobOptions.BATCH_MAX),
                                config.get(JobOptions.MAX_PAYLOAD_BYTES).bytes())
                        .requestBytes(),
                config.get(JobOptions.IN_FLIGHT_BYTES).bytes(),
                config.get(JobOptions.PARALLELISM));
    }

    /** A guess: the machines that will run the job are not known yet, so the one that submits it stands for them. */
    private static int cpuLanes(JobConfig config) {
        return lanes(config).lanes(Device.CPU, Runtime.getRuntime().availableProcessors());
    }

    @Override
    public String id() {
        return String.join(
                "/", job, digest, codec.name(), placement + "", lane + "", encodeThreads + "", inFlight() + "");
    }

    @Override
    public Engine open(DeviceSource devices) throws Exception {
        ModelBundle bundle = ModelBundle.open(Path.of(folder));
        if (!bundle.digest().equals(digest)) {
            throw new IllegalStateException("bundle " + folder + ": the job was submitted with digest " + digest
                    + ", here it is " + bundle.digest() + "; put the same bundle on every machine, or submit again");
        }
        Placement here = placement.in(devices);
        tellMemory(bundle.manifest(), here);
        return VideoEngine.open(
                BundleModel.open(bundle),
                new FfmpegVideoEncoder(codec, THREADS_AN_ENCODER),
                new EngineOptions(here, lane, inFlight(), encodeThreads),
                ModelLanes.processWide(),
                LaneClock.system());
    }

    private void tellMemory(Manifest manifest, Placement here) {
        MemoryNeed need = new MemoryNeed(manifest, lane.batchMax(), maxPayloadBytes);
        int cores = Runtime.getRuntime().availableProcessors();
        long requests = inFlight() * need.requestBytes();
        long devices = here.devices().stream()
                .mapToLong(device -> need.deviceBytes(lane.lanes(device, cores)))
                .sum();
        LOG.info(
                "{}: besides its sessions it holds at most {} MiB, {} for {} requests in flight and {} on {}; give this"
                        + " process as much off-heap memory (taskmanager.memory.task.off-heap.size)",
                manifest.name(),
                mebibytes(requests + devices),
                mebibytes(requests),
                inFlight(),
                mebibytes(devices),
                here.devices());
    }

    private static long mebibytes(long bytes) {
        return (bytes >> 20) + 1;
    }

    /** All slots may be in one process, and share its engine. */
    private int inFlight() {
        return inFlightPerSlot * slots;
    }
}
