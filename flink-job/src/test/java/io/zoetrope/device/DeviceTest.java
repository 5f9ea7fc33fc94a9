package io.zoetrope.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceTest {
    private static final DeviceSource NO_GPU = List::of;
    private static final DeviceSource TWO_GPUS = () -> List.of(Device.cuda(0), Device.cuda(1));

    @ParameterizedTest
    @ValueSource(strings = {"auto", "cpu", "cuda:0", "cuda:3,cuda:1", "cpu,cuda:0"})
    void aChoiceReadsBack(String text) {
        assertThat(DeviceChoice.parse(text)).hasToString(text);
    }

    @Test
    void parsingIgnoresCaseAndSpaces() {
        assertThat(DeviceChoice.parse(" CUDA:0, cuda:1 ").named()).containsExactly(Device.cuda(0), Device.cuda(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "gpu", "cuda", "cuda:", "cuda:-1", "cuda:99999", "cpu:0", "cpu,", "auto,cpu"})
    void textThatIsNotADeviceIsRefusedWithExamples(String text) {
        assertThatThrownBy(() -> DeviceChoice.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected devices such as cpu, cuda:0 or cuda:0,cuda:1");
    }

    @Test
    void aDeviceNamedTwiceIsRefused() {
        assertThatThrownBy(() -> DeviceChoice.parse("cuda:0,cuda:0")).hasMessage("expected each device once");
    }

    @Test
    void thereIsOneCpu() {
        assertThatThrownBy(() -> new Device(Device.Kind.CPU, 1)).hasMessageContaining("got CPU 1");
        assertThatThrownBy(() -> Device.cuda(-1)).hasMessageContaining("got CUDA -1");
    }

    @Test
    void autoUsesTheDevicesOfTheProcessOrItsCpu() {
        assertThat(DeviceChoice.AUTO.in(TWO_GPUS)).containsExactly(Device.cuda(0), Device.cuda(1));
        assertThat(DeviceChoice.AUTO.in(NO_GPU)).containsExactly(Device.CPU);
    }

    @Test
    void namedDevicesAreUsedWhateverTheProcessHas() {
        assertThat(DeviceChoice.parse("cpu").in(TWO_GPUS)).containsExactly(Device.CPU);
        assertThat(DeviceChoice.parse("cuda:1").in(NO_GPU)).containsExactly(Device.cuda(1));
    }
}
