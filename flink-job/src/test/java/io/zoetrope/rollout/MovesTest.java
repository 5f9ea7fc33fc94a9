package io.zoetrope.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MovesTest {
    private static final Instant TIME = Instant.parse("2026-11-29T12:00:00Z");

    @Test
    void aVersionIsReadAsItIsWritten() {
        ModelVersion version = ModelVersion.of("toybox-64", "0123456789abcdef".repeat(4));

        assertThat(version).hasToString("toybox-64@0123456789ab");
        assertThat(ModelVersion.parse("toybox-64@0123456789ab")).contains(version);
        for (String other : List.of("toybox-64", "toybox-64@", "@0123456789ab", "a@0123456789a", "a@0123456789AB")) {
            assertThat(ModelVersion.parse(other)).as(other).isEmpty();
        }
    }

    @Test
    void aRecordCountsAFewSecondsAfterTheBrokerAppendedIt() {
        Move move = Move.read(bytes("toybox-64"), bytes("toybox-64@0123456789ab"), TIME);

        assertThat(move).isEqualTo(new Move("toybox-64", Optional.of("toybox-64@0123456789ab"), TIME.plusSeconds(5)));
        assertThat(Move.read(bytes("default"), null, TIME).target()).isEmpty();
        assertThatIllegalArgumentException().isThrownBy(() -> Move.read(null, bytes("x"), TIME));
        assertThatIllegalArgumentException().isThrownBy(() -> Move.read(bytes(" "), bytes("x"), TIME));
    }

    @Test
    void theTargetAtATimeIsThatOfTheNewestMoveUpToIt() {
        Moves moves = new Moves(List.of(move("a", "1", 0), move("b", "2", 1), move("a", "3", 10)));

        assertThat(moves.target("a", TIME.minusMillis(1))).isEmpty();
        assertThat(moves.target("a", TIME)).contains("1");
        assertThat(moves.target("a", TIME.plusSeconds(9))).contains("1");
        assertThat(moves.target("a", TIME.plusSeconds(10))).contains("3");
        assertThat(moves.target("b", TIME.plusSeconds(10))).contains("2");
        assertThat(moves.target("c", TIME.plusSeconds(10))).isEmpty();
    }

    @Test
    void aMoveBackGoesToTheTargetBeforeAndAtLastToTheFirstBundle() {
        Moves moves = new Moves(List.of(move("a", "1", 0), move("b", "2", 1), move("a", "3", 10)));

        assertThat(moves.previousTarget("a")).contains("1");
        assertThat(moves.previousTarget("b")).isEmpty();
        assertThat(moves.previousTarget("c")).isEmpty();
        assertThat(moves.newest("a").flatMap(Move::target)).contains("3");
    }

    private static Move move(String name, String target, int seconds) {
        return new Move(name, Optional.of(target), TIME.plusSeconds(seconds));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
