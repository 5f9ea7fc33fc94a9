package io.zoetrope.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class UsefulInFlightTest {
    private final EngineFixture fixture = new EngineFixture();

    @Test
    void twoBatchesOfTheMeasuredSizeAndTwoVideosOfEachEncoderAreUseful() throws Exception {
        try (VideoEngine engine = fixture.open()) {
            assertThat(engine.usefulInFlight()).isEqualTo(2 * (4 + 1));
        }
    }

    @Test
    void aModelThatGainsNothingByBatchesHasFewRequestsInFlight() throws Exception {
        fixture.model.onRun((stage, batch) -> fixture.clock.advance(EngineFixture.RUN.multipliedBy(batch)));
        try (VideoEngine engine = fixture.open()) {
            assertThat(engine.usefulInFlight()).isEqualTo(2 * (1 + 1));
        }
    }
}
