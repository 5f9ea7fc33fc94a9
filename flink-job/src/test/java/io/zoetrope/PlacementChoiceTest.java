package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.config.JobConfig;
import io.zoetrope.config.Setting;
import io.zoetrope.device.Device;
import io.zoetrope.device.DeviceSource;
import io.zoetrope.hosting.Placement;
import io.zoetrope.hosting.PlacementChoice;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PlacementChoiceTest {
    private static final DeviceSource ONE_GPU = () -> List.of(Device.cuda(3));

    @Test
    void stagesShareDevicesByDefault() {
        PlacementChoice choice = choice("--devices", "cuda:0,cuda:1");

        assertThat(choice.in(ONE_GPU)).isEqualTo(together(Device.cuda(0), Device.cuda(1)));
        assertThat(choice.devices(1)).isEqualTo(2);
    }

    @Test
    void aStageIsOnItsConfiguredDevice() {
        PlacementChoice choice = choice("--text-devices", "cpu", "--decode-devices", "cuda:1");

        assertThat(choice.in(ONE_GPU))
                .isEqualTo(new Placement(List.of(Device.CPU), List.of(Device.cuda(3)), List.of(Device.cuda(1))));
        assertThat(choice.devices(1))
                .as("the CPU, one named GPU, one available GPU")
                .isEqualTo(3);
    }

    @Test
    void withoutOptionsAndGpusAllStagesAreOnTheCpu() {
        PlacementChoice choice = choice();

        assertThat(choice.in(List::of)).isEqualTo(together(Device.CPU));
        assertThat(choice.devices(1)).isEqualTo(1);
    }

    @Test
    void availableDevicesCountOnlyWhereStagesUseThem() {
        assertThat(choice().devices(8)).isEqualTo(8);
        assertThat(choice("--text-devices", "cpu").devices(8)).isEqualTo(9);
        assertThat(choice("--devices", "cuda:0,cuda:1").devices(8)).isEqualTo(2);
        assertThat(choice().devices(0)).as("the CPU").isEqualTo(1);
    }

    @Test
    void theCpuMayBeUsedIfItIsNamedOrNoDeviceIs() {
        assertThat(choice().mayUseCpu()).isTrue();
        assertThat(choice("--devices", "cuda:0", "--text-devices", "cpu").mayUseCpu())
                .isTrue();
        assertThat(choice("--devices", "cuda:0").mayUseCpu()).isFalse();
    }

    private static Placement together(Device... devices) {
        List<Device> all = List.of(devices);
        return new Placement(all, all, all);
    }

    private static PlacementChoice choice(String... arguments) {
        List<Setting> base =
                List.of(new Setting("bundle", "b", "the test"), new Setting("bootstrap-servers", "k:1", "the test"));
        return BundleEngines.placement(JobConfig.read(base, Optional.empty(), List.of(arguments)));
    }
}
