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
import io.zoetrope.rollout.Move;
import io.zoetrope.rollout.Moves;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EngineSetTest {
    private static final Instant NOW = Instant.EPOCH.plusSeconds(1000);
    private static final String OLD = "toybox-64@000000000000";
    private static final String NEW = "toybox-64@111111111111";
    private static final EngineSet VERSIONS =
            EngineSet.of(engine("toybox-64", "0", 4), engine("toybox-64", "1", 4), engine("other", 4));

    private final EngineSet engines = EngineSet.of(engine("toybox-64", 20), engine("wan22-ti2v", 4));

    @Test
    void aRequestChoosesAModelByNameAndTheFirstByDefault() {
        assertThat(chosen(engines, request())).isEqualTo("toybox-64");
        assertThat(chosen(engines, request().model("toybox-64"))).isEqualTo("toybox-64");
        assertThat(chosen(engines, request().model("wan22-ti2v"))).isEqualTo("wan22-ti2v");
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
    void noModelAndTwoOfOneVersionAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(EngineSet::of);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EngineSet.of(engine("toybox-64", 1), engine("toybox-64", 2)))
                .withMessageContaining("[toybox-64@000000000000, toybox-64@000000000000]");
    }

    @Test
    void versionsOfOneModelAreNamedByTheirDigestsAndTheFirstAnswersUntilAMove() {
        assertThat(VERSIONS.models()).containsExactly(OLD, NEW, "other");

        assertThat(chosen(VERSIONS, request())).isEqualTo(OLD);
        assertThat(chosen(VERSIONS, request().model("toybox-64"))).isEqualTo(OLD);
        assertThat(chosen(VERSIONS, request().model(NEW)))
                .as("named by a prompt")
                .isEqualTo(NEW);
        assertThat(chosen(VERSIONS, request(), move("toybox-64", NEW))).isEqualTo(NEW);
        assertThat(chosen(VERSIONS, request().model("toybox-64"), move("toybox-64", NEW)))
                .isEqualTo(NEW);
        assertThat(chosen(VERSIONS, request().model(OLD), move("toybox-64", NEW)))
                .as("a prompt that names a version")
                .isEqualTo(OLD);
        assertThat(chosen(VERSIONS, request().model("other"), move("toybox-64", NEW)))
                .isEqualTo("other");
    }

    @Test
    void theDefaultMovesToAnotherModelOrVersion() {
        Move toOther = move(Move.DEFAULT, "other");

        assertThat(chosen(VERSIONS, request(), toOther)).isEqualTo("other");
        assertThat(chosen(VERSIONS, request().model("toybox-64"), toOther)).isEqualTo(OLD);
        assertThat(chosen(VERSIONS, request(), move(Move.DEFAULT, NEW))).isEqualTo(NEW);
        assertThat(chosen(VERSIONS, request(), move(Move.DEFAULT, "toybox-64"), move("toybox-64", NEW)))
                .isEqualTo(NEW);
    }

    @Test
    void aMoveCountsFromItsTimeOnAndTheNewestCounts() {
        Move later = new Move("toybox-64", Optional.of(NEW), NOW.plusMillis(1));
        Move now = new Move("toybox-64", Optional.of(NEW), NOW);
        Move back = new Move("toybox-64", Optional.empty(), NOW);

        assertThat(chosen(VERSIONS, request(), later)).isEqualTo(OLD);
        assertThat(chosen(VERSIONS, request(), now)).isEqualTo(NEW);
        assertThat(chosen(VERSIONS, request(), now, back)).isEqualTo(OLD);
        assertThat(chosen(VERSIONS, request(), now, later)).isEqualTo(NEW);
    }

    @Test
    void aMoveToWhatTheJobDoesNotServeIsIgnored() {
        String gone = "toybox-64@" + "9".repeat(12);

        assertThat(chosen(VERSIONS, request(), move("toybox-64", gone))).isEqualTo(OLD);
        assertThat(chosen(VERSIONS, request(), move("toybox-64", "other"))).isEqualTo(OLD);
        assertThat(chosen(VERSIONS, request(), move(Move.DEFAULT, gone))).isEqualTo(OLD);
        assertThat(VERSIONS.canFollow(move("toybox-64", gone))).isFalse();
        assertThat(VERSIONS.canFollow(move("toybox-64", "other"))).isFalse();
        assertThat(VERSIONS.canFollow(move(Move.DEFAULT, "other"))).isTrue();
        assertThat(VERSIONS.canFollow(move("toybox-64", NEW))).isTrue();
        assertThat(VERSIONS.canFollow(new Move("toybox-64", Optional.empty(), NOW)))
                .isTrue();
        assertRefused(
                VERSIONS,
                gone,
                "model: this job serves " + OLD + " (the default), " + NEW + ", other, the event names " + gone
                        + "; name one of these, omit the field for the default, or publish to the job that serves that"
                        + " model");
    }

    private static Move move(String name, String target) {
        return new Move(name, Optional.of(target), NOW);
    }

    private static void assertRefused(EngineSet engines, String model, String message) {
        assertThatExceptionOfType(RequestException.class)
                .isThrownBy(() -> chosen(engines, request().model(model)))
                .withMessage(message)
                .satisfies(fault -> assertThat(fault.code()).isEqualTo(FailureCode.UNKNOWN_MODEL));
    }

    private static RequestBuilder request() {
        return new RequestBuilder("request-1", "a red circle");
    }

    private static String chosen(EngineSet engines, RequestBuilder request, Move... moves) {
        return engines.chosenBy(request.build(), new Moves(List.of(moves)), NOW).id();
    }

    private static EngineFactory engine(String model, int inFlightPerSlot) {
        return engine(model, "0", inFlightPerSlot);
    }

    /** Returns an engine of the version whose digest consists of one digit. */
    private static EngineFactory engine(String model, String digit, int inFlightPerSlot) {
        return new Unopened(digit.repeat(64), TestLimits.of(model, TestLimits.SHAPE), inFlightPerSlot);
    }

    private record Unopened(String digest, ModelLimits limits, int inFlightPerSlot) implements EngineFactory {
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
