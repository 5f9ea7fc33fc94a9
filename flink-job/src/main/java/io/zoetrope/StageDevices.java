package io.zoetrope;

import io.zoetrope.config.ConfigException;
import io.zoetrope.config.GpuOptions;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import io.zoetrope.device.Device;
import io.zoetrope.device.DeviceChoice;
import io.zoetrope.device.GpuSettings;
import io.zoetrope.device.Provider;
import io.zoetrope.device.ProviderChoice;
import io.zoetrope.hosting.Placement;
import io.zoetrope.hosting.PlacementChoice;
import io.zoetrope.onnx.ExecutionProvider;
import io.zoetrope.onnx.GpuProviders;
import io.zoetrope.tensorrt.TensorRtProcess;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The devices and the execution provider of each stage, which have to fit each other.
 *
 * @param placement the devices
 * @param settings the providers, and how they use GPUs
 */
public record StageDevices(PlacementChoice placement, GpuSettings settings) {
    /**
     * Reads the options. A stage with the provider {@code cpu} is on the CPU if its devices are {@code auto}.
     *
     * @throws ConfigException if a stage has a provider that none of its devices has
     */
    public static StageDevices of(JobConfig config) {
        DeviceChoice devices = config.get(JobOptions.DEVICES);
        GpuSettings settings = GpuOptions.settings(config);
        ProviderChoice providers = settings.providers();
        List<String> problems = new ArrayList<>();
        PlacementChoice placement = new PlacementChoice(
                fitting("text", config.get(JobOptions.TEXT_DEVICES).orElse(devices), providers.text(), problems),
                fitting("generate", devices, providers.generate(), problems),
                fitting("decode", config.get(JobOptions.DECODE_DEVICES).orElse(devices), providers.decode(), problems));
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        return new StageDevices(placement, settings);
    }

    private static DeviceChoice fitting(String stage, DeviceChoice devices, Provider provider, List<String> problems) {
        if (provider == Provider.CPU && devices.named().isEmpty()) {
            return new DeviceChoice(List.of(Device.CPU));
        }
        boolean gpus = devices.named().stream().anyMatch(StageDevices::isGpu);
        if (provider == Provider.CPU && gpus) {
            problems.add("provider " + stage + "=cpu: its devices are " + devices
                    + "; choose the device cpu for it, or the provider cuda, tensorrt or"
                    + " tensorrt-engine");
        } else if (provider.needsGpu() && !gpus && !devices.named().isEmpty()) {
            problems.add("provider " + stage + "=" + provider + ": its devices are " + devices
                    + "; choose a GPU for it, such as cuda:0, or the provider cpu");
        }
        return devices;
    }

    private static boolean isGpu(Device device) {
        return device.kind() == Device.Kind.CUDA;
    }

    /**
     * Checks that this process can use the GPUs that the options name. For a process that runs the job itself; one that
     * submits it may be another machine.
     *
     * @throws ConfigException with one problem for each GPU and provider that it cannot use
     */
    public void requireUsable() {
        requireGpus(settings.providers(), placement.in(List::of));
        Set<ExecutionProvider.Gpu> gpus = new LinkedHashSet<>();
        Set<Integer> engines = new LinkedHashSet<>();
        addGpus(placement.generate(), settings.providers().generate(), gpus, engines);
        addGpus(placement.text(), settings.providers().text(), gpus, engines);
        addGpus(placement.decode(), settings.providers().decode(), gpus, engines);
        List<String> problems = Stream.concat(
                        gpus.stream().flatMap(gpu -> GpuProviders.fault(gpu).stream()),
                        engines.stream().flatMap(gpu -> TensorRtProcess.fault(gpu).stream()))
                .distinct()
                .toList();
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
    }

    /** Adds the GPUs that the options name: to those of ONNX Runtime, or to those of TensorRT alone. */
    private void addGpus(
            DeviceChoice devices, Provider provider, Set<ExecutionProvider.Gpu> gpus, Set<Integer> engines) {
        for (Device device : devices.named()) {
            if (isGpu(device) && provider == Provider.TENSORRT_ENGINE) {
                engines.add(device.index());
            } else if (isGpu(device)) {
                gpus.add(BundleModel.gpu(device, provider, settings, 1));
            }
        }
    }

    /**
     * Checks that each stage with a provider that needs a GPU has one.
     *
     * @throws ConfigException if a stage has none
     */
    static void requireGpus(ProviderChoice providers, Placement placed) {
        List<String> problems = new ArrayList<>();
        requireGpu("text", providers.text(), placed.text(), problems);
        requireGpu("generate", providers.generate(), placed.generate(), problems);
        requireGpu("decode", providers.decode(), placed.decode(), problems);
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
    }

    private static void requireGpu(String stage, Provider provider, List<Device> devices, List<String> problems) {
        if (provider.needsGpu() && devices.stream().noneMatch(StageDevices::isGpu)) {
            problems.add("provider " + stage + "=" + provider
                    + ": Flink assigned no GPU to this process, so its devices"
                    + " are " + devices + "; name them, such as --devices cuda:0, or set external-resource.gpu.amount"
                    + " in Flink's configuration (docs/gpu.md)");
        }
    }
}
