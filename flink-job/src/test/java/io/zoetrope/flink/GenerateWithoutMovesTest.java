package io.zoetrope.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zoetrope.prompt.RequestId;
import io.zoetrope.rollout.Moves;
import java.util.UUID;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;

/** {@link Generate} while the moves between the versions of a model cannot be read. */
class GenerateWithoutMovesTest {
    private final FakeEngine.Factory engines =
            new FakeEngine.Factory(UUID.randomUUID().toString());

    @Test
    void theTaskFailsAndThePromptIsNotAnswered() throws Exception {
        RolloutsTopic down = () -> () -> {
            throw new TimeoutException("planted: no broker");
        };
        try (var harness = new GenerateHarness(engines, down)) {
            harness.open();

            assertThatThrownBy(() -> harness.process(Events.prompt("request-1")))
                    .hasStackTraceContaining("planted: no broker");
            assertThat(harness.answers()).isEmpty();
        }
    }

    @Test
    void runningRequestsAreCancelledThoughTheReaderOfMovesCannotBeClosed() throws Exception {
        RolloutsTopic stuck = () -> new RolloutsTopic.View() {
            @Override
            public Moves moves() {
                return Moves.NONE;
            }

            @Override
            public void close() {
                throw new KafkaException("planted: interrupted");
            }
        };
        try (var harness = new GenerateHarness(engines, stuck)) {
            harness.open();
            harness.process(Events.prompt("request-1"));
        }

        assertThat(engines.opened().get(0).cancelled).containsExactly(new RequestId("request-1"));
    }
}
