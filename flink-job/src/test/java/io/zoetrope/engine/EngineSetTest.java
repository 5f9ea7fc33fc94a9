package io.zoetrope.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.zoetrope.device.DeviceSource;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.prompt.ModelLimits;
import io.zoetrope.prompt.RequestBuilder;
import io.zoetrope.prompt.TestLimits;
import org.junit.jupiter.api.Test;

class EngineSetTest {
    private final EngineSet engines = EngineSet.of(engine("toybox-64", 20), engine("wan22-ti2v", 4));

    @Test
    void aRequestChoosesAModelByNameAndTheFirstByDefault() {
        assertThat(engines.chosenBy(request().build()).model()).isEqualTo("toybox-64");
        assertThat(engines.chosenBy(request().model("toybox-64").build()).model())
                .isEqualTo("toybox-64");
        assertThat(engines.chosenBy(request().model("wan22-ti2v").build()).model())
                .isEqualTo("wan22-ti2v");
        assertThat(engines.inFlightPerSlot()).isEqualTo(24);
    }

    @Test
    void anUnknownModelIsRefusedWithTheNamesOfTheServedOnes() {
        assertRefused(
                engines,
                "toybox-128",
                "model: this job serves toybox-64 (the default), wan22-ti2v, the event names toybox-128; name one of"
                        + " these, omit the field for the default, or publish to the job that serves that model");
        assertRefused(
                EngineSet.of(engine("toybox-64", 1)),
                "wan22-ti2v",
                "model: this job serves toybox-64, the event names wan22-ti2v; omit the field or publish to the job"
                        + " that serves that model");
    }

    @Test
    void noModelAndTwoOfOneNameAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(EngineSet::of);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EngineSet.of(engine("toybox-64", 1), engine("toybox-64", 2)))
                .withMessageContaining("[toybox-64, toybox-64]");
    }

    private static void assertRefused(EngineSet engines, String model, String message) {
        assertThatExceptionOfType(RequestException.class)
                .isThrownBy(() -> engines.chosenBy(request().model(model).build()))
                .withMessage(message)
                .satisfies(fault -> assertThat(fault.code()).isEqualTo(FailureCode.UNKNOWN_MODEL));
    }

    private static RequestBuilder request() {
        return new RequestBuilder("request-1", "a red circle");
    }

    private static EngineFactory engine(String model, int inFlightPerSlot) {
        return new Unopened(TestLimits.of(model, TestLimits.SHAPE), inFlightPerSlot);
    }

    private record Unopened(ModelLimits limits, int inFlightPerSlot) implements EngineFactory {
        @Override
        public String id() {
            return limits.model();
        }

        @Override
        public Engine open(DeviceSource devices) {
            throw new IllegalStateException("these tests open no engine");
        }
    }
}
