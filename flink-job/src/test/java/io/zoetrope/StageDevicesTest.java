package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.zoetrope.config.ConfigException;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.Setting;
import io.zoetrope.device.Device;
import io.zoetrope.device.DeviceSource;
import io.zoetrope.device.GpuSettings;
import io.zoetrope.device.Provider;
import io.zoetrope.hosting.Placement;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StageDevicesTest {
    private static final DeviceSource ONE_GPU = () -> List.of(Device.cuda(3));

    @Test
    void theCpuProviderPutsAStageOnTheCpuThoughFlinkAssignsAGpu() {
        Placement placed = devices("--provider", "decode=cpu").placement().in(ONE_GPU);

        assertThat(placed.decode()).containsExactly(Device.CPU);
        assertThat(placed.generate()).containsExactly(Device.cuda(3));
    }

    @Test
    void aProviderThatNoneOfItsDevicesHasIsRefused() {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> devices("--devices", "cuda:0", "--provider", "text=cpu"))
                .withMessageContaining("provider text=cpu: its devices are cuda:0; choose the device cpu for it");
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> devices("--devices", "cpu", "--provider", "generate=tensorrt,decode=cuda"))
                .withMessageContaining("provider generate=tensorrt: its devices are cpu; choose a GPU")
                .withMessageContaining("provider decode=cuda: its devices are cpu");
    }

    @Test
    void tensorRtAloneIsAProviderOfGpus() {
        assertThat(devices("--devices", "cuda:0", "--provider", "generate=tensorrt-engine,decode=Tensorrt-Engine")
                        .settings()
                        .providers())
                .hasToString("text=auto,generate=tensorrt-engine,decode=tensorrt-engine");
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> devices("--devices", "cpu", "--provider", "tensorrt-engine"))
                .withMessageContaining("provider generate=tensorrt-engine: its devices are cpu; choose a GPU");
    }

    @Test
    void theBuildForCpusRefusesTensorRtAloneInOneSentenceForAllGpus() {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(devices("--devices", "cuda:0,cuda:1", "--provider", "tensorrt-engine")::requireUsable)
                .withMessageContaining("provider tensorrt-engine: its libraries cannot be loaded here: no jnicudart in")
                .withMessageContaining("; this is the build for CPUs: build for GPUs (ZOETROPE_GPU=1 ./zoetrope does)")
                .withMessageContaining("docs/gpu.md says how to get what is missing; or choose --provider cpu");
    }

    @Test
    void aProcessWithoutTheGpuThatAProviderNeedsIsRefused() {
        StageDevices devices = devices("--provider", "cuda", "--text-devices", "cuda:1");

        StageDevices.requireGpus(
                devices.settings().providers(), devices.placement().in(ONE_GPU));
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> StageDevices.requireGpus(
                        devices.settings().providers(), devices.placement().in(List::of)))
                .withMessageContaining("provider generate=cuda: Flink assigned no GPU to this process")
                .withMessageContaining("provider decode=cuda")
                .withMessageNotContaining("provider text");
    }

    @Test
    void settingsAreThoseOfTheOptions() {
        GpuSettings settings = devices(
                        "--devices",
                        "cuda:0",
                        "--gpu-session-memory",
                        "8 GiB",
                        "--gpu-arena",
                        "power-of-two",
                        "--gpu-precision",
                        "bfloat16",
                        "--engine-cache",
                        "/engines",
                        "--provider",
                        "generate=tensorrt")
                .settings();

        assertThat(settings.providers().generate()).isEqualTo(Provider.TENSORRT);
        assertThat(settings.sessionBytes()).isEqualTo(8L << 30);
        assertThat(settings.arena()).isEqualTo(GpuSettings.Arena.POWER_OF_TWO);
        assertThat(settings.precision()).isEqualTo(GpuSettings.Precision.BFLOAT16);
        assertThat(settings.engineCache()).isEqualTo("/engines");
        assertThat(devices().settings()).isEqualTo(GpuSettings.DEFAULT);
    }

    private static StageDevices devices(String... arguments) {
        List<Setting> base =
                List.of(new Setting("bundle", "b", "the test"), new Setting("bootstrap-servers", "k:1", "the test"));
        return StageDevices.of(JobConfig.read(base, Optional.empty(), List.of(arguments)));
    }
}
