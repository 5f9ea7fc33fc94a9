package io.zoetrope;

import io.zoetrope.bundle.Manifest;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.config.ConfigException;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import io.zoetrope.device.Device;
import io.zoetrope.engine.EngineFactory;
import io.zoetrope.engine.EngineSet;
import io.zoetrope.hosting.PlacementChoice;
import io.zoetrope.rollout.ModelVersion;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Reads the bundles that a job serves. */
public final class ServedBundles {
    private ServedBundles() {}

    /**
     * Verifies the bundles that the options name, and returns the factories of their engines. The models share the
     * memory of requests in flight.
     *
     * @param gpus the number of GPUs of each process, 0 if there are none
     * @throws io.zoetrope.bundle.BundleException with every problem of the first bundle that has one
     * @throws ConfigException if two bundles are the same
     */
    public static EngineSet of(JobConfig config, int gpus) {
        List<ModelBundle> bundles = bundles(config);
        List<Integer> inFlight = inFlight(bundles, config, gpus);
        return engines(bundles, inFlight, memory(bundles, inFlight, config), config);
    }

    private static EngineSet engines(
            List<ModelBundle> bundles, List<Integer> inFlight, JobMemory memory, JobConfig config) {
        List<EngineFactory> engines = new ArrayList<>();
        for (int i = 0; i < bundles.size(); i++) {
            engines.add(BundleEngines.of(bundles.get(i), config, inFlight.get(i), memory));
        }
        return new EngineSet(engines);
    }

    /**
     * Verifies the bundles of a job that runs in this process, which Flink assigns no GPUs, and returns the factories as
     * {@link #of}.
     *
     * @throws io.zoetrope.bundle.BundleException with every problem of the first bundle that has one
     * @throws ConfigException if two bundles are the same, or a device does not have the memory for its models
     */
    public static EngineSet inThisProcess(JobConfig config) {
        List<ModelBundle> bundles = bundles(config);
        List<Integer> inFlight = inFlight(bundles, config, 0);
        JobMemory memory = memory(bundles, inFlight, config);
        memory.fault(BundleEngines.placement(config).in(List::of), DeviceMemory::of)
                .ifPresent(fault -> {
                    throw new ConfigException(List.of(fault));
                });
        return engines(bundles, inFlight, memory, config);
    }

    private static List<ModelBundle> bundles(JobConfig config) {
        List<ModelBundle> bundles =
                config.get(JobOptions.BUNDLE).stream().map(ModelBundle::open).toList();
        requireDistinctVersions(bundles);
        return bundles;
    }

    /** Returns the number of requests in flight per slot of each model. */
    private static List<Integer> inFlight(List<ModelBundle> bundles, JobConfig config, int gpus) {
        return InFlight.share(bundles.stream()
                        .map(bundle -> inFlight(bundle.manifest(), config, gpus))
                        .toList())
                .stream()
                .map(InFlight::perSlot)
                .toList();
    }

    private static JobMemory memory(List<ModelBundle> bundles, List<Integer> inFlight, JobConfig config) {
        int slots = config.get(JobOptions.PARALLELISM);
        return new JobMemory(
                IntStream.range(0, bundles.size())
                        .mapToObj(i -> ModelMemory.of(
                                bundles.get(i), need(bundles.get(i).manifest(), config), inFlight.get(i) * slots))
                        .toList(),
                BundleEngines.lanes(config));
    }

    private static MemoryNeed need(Manifest manifest, JobConfig config) {
        return new MemoryNeed(
                manifest,
                config.get(JobOptions.BATCH_MAX),
                config.get(JobOptions.MAX_PAYLOAD_BYTES).bytes());
    }

    private static void requireDistinctVersions(List<ModelBundle> bundles) {
        Map<ModelVersion, Path> folders = new LinkedHashMap<>();
        List<String> problems = new ArrayList<>();
        for (ModelBundle bundle : bundles) {
            ModelVersion version = ModelVersion.of(bundle.manifest().name(), bundle.digest());
            Path first = folders.putIfAbsent(version, bundle.directory());
            if (first != null) {
                problems.add("--bundle: " + first + " and " + bundle.directory() + " are the same version, " + version
                        + "; serve one of them");
            }
        }
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
    }

    private static InFlight inFlight(Manifest manifest, JobConfig config, int gpus) {
        PlacementChoice placement = BundleEngines.placement(config);
        return new InFlight(
                Math.min(
                        config.get(JobOptions.BATCH_MAX),
                        BundleModel.maxBatch(manifest).largest()),
                placement.devices(gpus),
                placement.mayUseCpu() ? cpuLanes(config) : 0,
                config.get(JobOptions.ENCODE_THREADS),
                need(manifest, config).requestBytes(),
                config.get(JobOptions.IN_FLIGHT_BYTES).bytes(),
                config.get(JobOptions.PARALLELISM));
    }

    /**
     * Estimates the CPU lanes of a process from the cores of this machine: the machines that will run the job are
     * unknown.
     */
    private static int cpuLanes(JobConfig config) {
        return BundleEngines.lanes(config)
                .lanes(Device.CPU, Runtime.getRuntime().availableProcessors());
    }
}
