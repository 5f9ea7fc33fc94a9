package io.zoetrope.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zoetrope.device.Device;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.externalresource.ExternalResourceInfo;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;

class FlinkGpusTest {
    @Test
    void gpusAreSortedByTheirIndex() {
        FlinkGpus gpus = new FlinkGpus(() -> List.of(gpu("3"), gpu("1")));

        assertThat(gpus.devices()).containsExactly(Device.cuda(1), Device.cuda(3));
    }

    @Test
    void aLocalClusterHasNoGpus() {
        assertThat(new FlinkGpus(List::of).devices()).isEmpty();
    }

    @Test
    void aGpuWithoutANumericIndexIsRefusedWithTheRemedy() {
        FlinkGpus gpus = new FlinkGpus(() -> List.of(gpu("GPU-d7e")));

        assertThatThrownBy(gpus::devices)
                .hasMessageContaining("got \"GPU-d7e\"")
                .hasMessageContaining("--devices");
    }

    @Test
    void theFlinkConfigurationHasTheNumberOfGpusPerTaskManager() {
        Configuration flink = new Configuration();
        assertThat(FlinkGpus.perTaskManager(flink)).isZero();

        flink.setString("external-resource.gpu.amount", "8");
        assertThat(FlinkGpus.perTaskManager(flink))
                .as("with an amount, but not in external-resources")
                .isZero();

        flink.setString("external-resources", "fpga;gpu");
        assertThat(FlinkGpus.perTaskManager(flink)).isEqualTo(8);
    }

    private static ExternalResourceInfo gpu(String index) {
        Map<String, String> properties = Map.of("index", index);
        return new ExternalResourceInfo() {
            @Override
            public Optional<String> getProperty(String key) {
                return Optional.ofNullable(properties.get(key));
            }

            @Override
            public Collection<String> getKeys() {
                return properties.keySet();
            }
        };
    }
}
