package io.zoetrope.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.device.DeviceGauges.BatchChoice;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RequestCostTest {
    @Test
    void theCostIsThePartOfFullBatchesOfAllStages() {
        RequestCost cost = cost(new FixedDevice("cuda:0", 1, choice("text", 8, 80), choice("generate", 4, 2000)));

        assertThat(cost).isEqualTo(new RequestCost(Duration.ofMillis(510), 1));
        assertThat(cost.requestsPerSecond()).isEqualTo(1 / 0.51);
    }

    @Test
    void lanesOfACpuDivideTheRequests() {
        assertThat(cost(new FixedDevice("cpu", 4, choice("generate", 1, 2000))).seconds())
                .isEqualTo(0.5);
    }

    @Test
    void equalDevicesDivideTheRequestsAndADeviceSecondIsOfOneOfThem() {
        RequestCost cost = cost(
                new FixedDevice("cuda:0", 1, choice("generate", 1, 1000)),
                new FixedDevice("cuda:1", 1, choice("generate", 1, 1000)));

        assertThat(cost).isEqualTo(new RequestCost(Duration.ofSeconds(1), 2));
        assertThat(cost.requestsPerSecond()).isEqualTo(2);
    }

    @Test
    void ofStagesOnOtherDevicesThoseThatAreBusyForTheLongestTimeCount() {
        RequestCost cost = cost(
                new FixedDevice("cuda:0", 1, choice("generate", 1, 900)),
                new FixedDevice("cuda:1", 1, choice("generate", 1, 900)),
                new FixedDevice("cuda:2", 1, choice("text", 1, 100), choice("decode", 1, 500)));

        assertThat(cost).isEqualTo(new RequestCost(Duration.ofMillis(600), 1));
    }

    @Test
    void theUsualShapeCountsAndFirstFramesDoNot() {
        FixedDevice device = new FixedDevice(
                "cuda:0", 1, choice("generate", 1, 100), choice("generate", 1, 900), choice("image", 1, 5000));

        assertThat(cost(device).time()).isEqualTo(Duration.ofMillis(100));
    }

    @Test
    void nothingIsKnownBeforeADeviceHasMeasured() {
        assertThat(RequestCost.of(List.of(
                        new FixedDevice("cuda:0", 1, choice("generate", 1, 100)), new FixedDevice("cuda:1", 1))))
                .isEmpty();
        assertThat(RequestCost.of(List.of())).isEmpty();
    }

    private static RequestCost cost(DeviceGauges... devices) {
        return RequestCost.of(List.of(devices)).orElseThrow();
    }

    private static BatchChoice choice(String stage, int size, int millis) {
        return new BatchChoice(stage, "1", size, Map.of(size, Duration.ofMillis(millis)));
    }
}
