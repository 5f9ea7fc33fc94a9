package io.zoetrope.flink;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.tasks.mailbox.Mail;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.util.function.ThrowingRunnable;

/** A subtask of {@link KeepUntilCommitted} in virtual time, on answer topics that the test controls. */
final class KeepUntilCommittedSubtask {
    static final AnswerSerializer SERIALIZER = new AnswerSerializer("videos", "failures");

    final FakeAnswerTopics topics = new FakeAnswerTopics();
    final OneInputStreamOperatorTestHarness<KafkaAnswer, KafkaAnswer> harness;

    final RecordedMetrics metrics = new RecordedMetrics();

    KeepUntilCommittedSubtask() throws Exception {
        harness = new OneInputStreamOperatorTestHarness<>(
                new KeepUntilCommitted(() -> topics, SERIALIZER),
                TypeInformation.of(KafkaAnswer.class).createSerializer(new ExecutionConfig().getSerializerConfig()),
                metrics.environment());
    }

    void process(KafkaAnswer... answers) throws Exception {
        for (KafkaAnswer answer : answers) {
            harness.processElement(answer, 0);
        }
    }

    OperatorSubtaskState snapshot(long checkpointId) throws Exception {
        return harness.snapshot(checkpointId, checkpointId);
    }

    void complete(long checkpointId) throws Exception {
        harness.notifyOfCompletedCheckpoint(checkpointId);
    }

    /** Runs an action when the task's thread waits for one. */
    void whileItWaits(ThrowingRunnable<Exception> action) {
        harness.getTaskMailbox().put(new Mail(action, 0, "the test's action"));
    }

    FakeAnswerTopics.Search search() {
        return topics.searches.get(topics.searches.size() - 1);
    }

    List<String> emitted() {
        return harness.extractOutputValues().stream()
                .map(answer -> new String(answer.key(), StandardCharsets.UTF_8))
                .toList();
    }
}
