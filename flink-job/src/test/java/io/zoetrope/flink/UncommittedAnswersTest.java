package io.zoetrope.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.List;
import org.junit.jupiter.api.Test;

class UncommittedAnswersTest {
    private final KeptBytes bytes = new KeptBytes(100);
    private final UncommittedAnswers one = new UncommittedAnswers(bytes);
    private final UncommittedAnswers other = new UncommittedAnswers(bytes);

    @Test
    void answersOfCheckpointsThatNeverCompleteFailTheJobAtTheLimit() {
        for (int checkpoint = 1; checkpoint <= 5; checkpoint++) {
            add(checkpoint % 2 == 0 ? one : other);
            one.checkpoint(checkpoint);
            other.checkpoint(checkpoint);
        }
        assertThat(bytes.bytes()).isEqualTo(100);
        assertThatIllegalStateException()
                .isThrownBy(() -> add(one))
                .withMessageStartingWith("answers that are not committed: 120 bytes, the limit is 100")
                .withMessageContaining("lower checkpoint-interval");
        assertThat(bytes.bytes()).isEqualTo(100);
    }

    @Test
    void committedAnswersMakeRoom() {
        for (int checkpoint = 1; checkpoint <= 50; checkpoint++) {
            add(one);
            add(other);
            one.checkpoint(checkpoint);
            other.checkpoint(checkpoint);
            one.committed(checkpoint);
            other.committed(checkpoint);
        }
        assertThat(bytes.bytes()).isZero();
    }

    @Test
    void aSubtaskThatEndsMakesRoom() {
        add(one);
        one.checkpoint(1);
        add(one);
        add(other);
        one.clear();

        assertThat(bytes.bytes()).isEqualTo(20);
        assertThat(one.size()).isZero();
    }

    private static void add(UncommittedAnswers answers) {
        if (answers.needsFloor()) {
            answers.begin(List.of(), 0);
        }
        answers.add(new KeptAnswer(new KafkaAnswer(KafkaAnswer.Kind.VIDEO, new byte[4], new byte[16], List.of()), 0));
    }
}
