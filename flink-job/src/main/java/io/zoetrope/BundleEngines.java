package io.zoetrope;

import io.zoetrope.bundle.BundleException;
import io.zoetrope.bundle.Manifest;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.bundle.SamplerSpec;
import io.zoetrope.bundle.VideoSpec;
import io.zoetrope.config.ConfigException;
import io.zoetrope.config.GpuOptions;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import io.zoetrope.config.LimitOptions;
import io.zoetrope.device.Device;
import io.zoetrope.device.DeviceSource;
import io.zoetrope.encode.Codec;
import io.zoetrope.engine.Engine;
import io.zoetrope.engine.EngineFactory;
import io.zoetrope.engine.EngineOptions;
import io.zoetrope.engine.UnusableModelException;
import io.zoetrope.engine.VideoEngine;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.ffmpeg.FfmpegVideoEncoder;
import io.zoetrope.hosting.LaneOptions;
import io.zoetrope.hosting.ModelLanes;
import io.zoetrope.hosting.Placement;
import io.zoetrope.hosting.PlacementChoice;
import io.zoetrope.image.ImageLimits;
import io.zoetrope.lane.HungRunException;
import io.zoetrope.lane.LaneClock;
import io.zoetrope.lane.RunLimits;
import io.zoetrope.prompt.ModelLimits;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the engine of a model bundle in each process of the job.
 *
 * @param folder the folder of the bundle, the same on every machine that the job runs on
 * @param digest the digest of the bundle when the job was submitted
 * @param limits the requests that the bundle can answer
 * @param codec the codec of the videos
 * @param placement the devices that each stage may run on
 * @param lane how the model runs on a device
 * @param imageLimits the largest first frame that is decoded
 * @param encodeThreads the number of videos that are encoded in parallel
 * @param inFlightPerSlot the maximum number of prompts in flight per slot
 * @param memory the memory that all models of the job need
 * @param slots the number of slots of the job
 * @param job identifies the job. Two jobs never share an engine, because an engine cancels by request id, and request
 *     ids are unique within a job only
 */
public record BundleEngines(
        String folder,
        String digest,
        ModelLimits limits,
        Codec codec,
        PlacementChoice placement,
        LaneOptions lane,
        ImageLimits imageLimits,
        int encodeThreads,
        int inFlightPerSlot,
        JobMemory memory,
        int slots,
        String job)
        implements EngineFactory {
    private static final Logger LOG = LoggerFactory.getLogger(BundleEngines.class);

    /** The remedy of a request's failure, which is no remedy of a model that fails in its first run. */
    private static final Pattern REQUEST_REMEDY = Pattern.compile("; send (the|another) prompt.*");

    /**
     * The threads of one encoder. Several encoders with one thread each use the cores better than one encoder with
     * several threads.
     */
    private static final int THREADS_PER_ENCODER = 1;

    /**
     * Returns the factory of a bundle's engines.
     *
     * @param inFlightPerSlot the maximum number of prompts in flight per slot
     * @param memory the memory that all models of the job need
     */
    static BundleEngines of(ModelBundle bundle, JobConfig config, int inFlightPerSlot, JobMemory memory) {
        return new BundleEngines(
                bundle.directory().toString(),
                bundle.digest(),
                limits(bundle.manifest()),
                config.get(JobOptions.ENCODER),
                placement(config),
                lanes(config),
                imageLimits(config),
                config.get(JobOptions.ENCODE_THREADS),
                inFlightPerSlot,
                memory,
                config.get(JobOptions.PARALLELISM),
                String.join(
                        "/",
                        config.get(JobOptions.PROMPTS_TOPIC),
                        config.get(JobOptions.GROUP_ID),
                        config.get(JobOptions.TRANSACTIONAL_ID_PREFIX).orElse("auto")));
    }

    private static ModelLimits limits(Manifest manifest) {
        VideoSpec video = manifest.video();
        return new ModelLimits(
                manifest.name(),
                Stream.concat(
                                Stream.of(manifest.defaultSteps()),
                                manifest.samplers().stream().map(SamplerSpec::steps))
                        .distinct()
                        .toList(),
                video.sizes().stream()
                        .map(size -> new ModelLimits.Size(size.width(), size.height()))
                        .toList(),
                video.frameCounts(),
                switch (manifest.firstFrameUse()) {
                    case REFUSED -> ModelLimits.FirstFrameUse.REFUSED;
                    case OPTIONAL -> ModelLimits.FirstFrameUse.OPTIONAL;
                    case REQUIRED -> ModelLimits.FirstFrameUse.REQUIRED;
                });
    }

    /**
     * Returns the devices that the options choose for each stage.
     *
     * @throws ConfigException if a stage has a provider that none of its devices has
     */
    static PlacementChoice placement(JobConfig config) {
        return StageDevices.of(config).placement();
    }

    /** Returns how a model runs on a device, by the options. */
    static LaneOptions lanes(JobConfig config) {
        return new LaneOptions(
                config.get(JobOptions.CPU_LANES),
                config.get(JobOptions.INFERENCE_THREADS),
                config.get(JobOptions.BATCH_MAX),
                config.get(JobOptions.BATCH_LATENCY),
                config.get(JobOptions.BATCH_WAIT),
                new RunLimits(config.get(JobOptions.RUN_TIMEOUT), config.get(JobOptions.START_TIMEOUT)),
                GpuOptions.settings(config));
    }

    /** Returns the largest first frame that the options allow. */
    static ImageLimits imageLimits(JobConfig config) {
        return new ImageLimits(
                config.get(LimitOptions.MAX_IMAGE_BYTES).bytes(),
                config.get(LimitOptions.MAX_IMAGE_PIXELS),
                config.get(LimitOptions.MAX_IMAGE_SIDE),
                config.get(LimitOptions.MAX_IMAGE_SCANS));
    }

    @Override
    public String id() {
        return String.join(
                "/",
                job,
                digest,
                codec.name(),
                placement + "",
                lane + "",
                imageLimits + "",
                encodeThreads + "",
                inFlight() + "");
    }

    @Override
    public Engine open(DeviceSource devices) throws Exception {
        ModelBundle bundle = ModelBundle.open(Path.of(folder));
        if (!bundle.digest().equals(digest)) {
            throw new IllegalStateException("bundle " + folder + ": the job was submitted with digest " + digest
                    + ", the digest on this machine is " + bundle.digest()
                    + "; put the same bundle on every machine, or submit the job again");
        }
        Placement placed = placement.in(devices);
        StageDevices.requireGpus(lane.gpu().providers(), placed);
        requireMemory(placed);
        try {
            return VideoEngine.open(
                    BundleModel.open(bundle, imageLimits),
                    new FfmpegVideoEncoder(codec, THREADS_PER_ENCODER),
                    new EngineOptions(placed, lane, inFlight(), encodeThreads),
                    ModelLanes.processWide(),
                    LaneClock.system());
        } catch (BundleException e) {
            // The digest is the submitted one, so every machine has the same files, and the same fault.
            throw new UnusableModelException(e);
        } catch (HungRunException e) {
            throw new IllegalStateException(
                    "bundle " + folder + ": the model does not end in its first run: " + e.getMessage()
                            + "; raise start-timeout if this machine is slow, else export the bundle again",
                    e);
        } catch (RequestException e) {
            throw ofFirstRun(e, bundle, placed);
        }
    }

    /**
     * Returns the exception for a model that fails in its first run. A CPU gives the same result again, so a graph that
     * fails there is a fault of the bundle; a GPU can also fail for a while.
     */
    private static Exception ofFirstRun(RequestException e, ModelBundle bundle, Placement placed) {
        boolean repeats = e.code() == FailureCode.INFERENCE_FAILED
                && placed.devices().stream().allMatch(Device.CPU::equals);
        return repeats
                ? new UnusableModelException(new BundleException(
                        bundle.directory(),
                        List.of("the model fails in its first run: "
                                + REQUEST_REMEDY
                                        .matcher(String.valueOf(e.getMessage()))
                                        .replaceFirst(""))))
                : e;
    }

    /**
     * Compares the memory that the job's models need with what this process has, before the first of them is opened.
     *
     * @throws IllegalStateException if they do not fit; another machine may have more
     */
    private void requireMemory(Placement placed) {
        if (!memory.models().get(0).model().equals(limits.model())) {
            return;
        }
        memory.fault(placed, DeviceMemory::of).ifPresent(fault -> {
            throw new IllegalStateException(fault);
        });
        int cores = Runtime.getRuntime().availableProcessors();
        LOG.info(memory.need(placed, cores));
        memory.warning(placed, DeviceMemory.of(Device.CPU), Runtime.getRuntime().maxMemory(), cores)
                .ifPresent(LOG::warn);
    }

    /** Returns the maximum number of requests in flight in a process. All slots may be in one process. */
    private int inFlight() {
        return inFlightPerSlot * slots;
    }
}
