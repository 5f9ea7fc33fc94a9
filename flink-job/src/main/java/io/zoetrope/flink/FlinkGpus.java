package io.zoetrope.flink;

import io.zoetrope.device.Device;
import io.zoetrope.device.DeviceSource;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import org.apache.flink.api.common.externalresource.ExternalResourceInfo;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.ExternalResourceOptions;
import org.apache.flink.configuration.ReadableConfig;

/**
 * The GPUs that Flink assigns to a TaskManager, as its external resource {@code gpu}; none in a local cluster.
 *
 * @param resource reads the external resource from the runtime context; called only if the GPUs are needed
 */
public record FlinkGpus(Supplier<? extends Collection<ExternalResourceInfo>> resource) implements DeviceSource {
    /** The name of the resource, which the cluster's option {@code external-resources} must list. */
    static final String RESOURCE = "gpu";

    private static final ConfigOption<Long> AMOUNT = ConfigOptions.key(
                    ExternalResourceOptions.getAmountConfigOptionForResource(RESOURCE))
            .longType()
            .noDefaultValue();

    /** The property in which Flink's GPU driver reports the number of a GPU. */
    private static final String INDEX = "index";

    /**
     * Returns the number of GPUs per TaskManager, read from the Flink configuration of the process that submits the
     * job.
     */
    public static int perTaskManager(ReadableConfig flink) {
        boolean listed =
                flink.get(ExternalResourceOptions.EXTERNAL_RESOURCE_LIST).contains(RESOURCE);
        return listed ? Math.toIntExact(flink.getOptional(AMOUNT).orElse(0L)) : 0;
    }

    @Override
    public List<Device> devices() {
        return resource.get().stream()
                .map(FlinkGpus::device)
                .sorted(Comparator.comparingInt(Device::index))
                .toList();
    }

    private static Device device(ExternalResourceInfo gpu) {
        String index = gpu.getProperty(INDEX).orElse("");
        try {
            return Device.cuda(Integer.parseInt(index));
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException(
                    "external resource " + RESOURCE + ": expected a GPU with the property " + INDEX
                            + ", a number from 0, got \"" + index + "\"; name the devices with --devices",
                    e);
        }
    }
}
