package io.zoetrope.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collection;
import java.util.List;
import java.util.Properties;
import java.util.function.Consumer;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.Committer.CommitRequest;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.flink.connector.kafka.sink.internal.FlinkKafkaInternalProducer;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.kafka.common.errors.InvalidPidMappingException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests the committer on a fake of the connector's committer. */
class LoudCommitterTest {
    private final ProducerFencedException fenced = new ProducerFencedException("there is a newer producer");

    private final SimpleCounter refusals = new SimpleCounter();
    /** A producer that never connects. */
    private final FlinkKafkaInternalProducer<byte[], byte[]> producer = new FlinkKafkaInternalProducer<>(producer());

    private final FakeRequest running = new FakeRequest(new KafkaCommittable(1, (short) 1, "job-0-0", producer));
    private final FakeRequest restored = new FakeRequest(new KafkaCommittable(1, (short) 1, "job-0-1", null));

    @AfterEach
    void close() {
        producer.close();
    }

    @Test
    void aRefusedTransactionOfTheRunningJobFailsTheTaskWithTheRemedy() {
        assertThatThrownBy(() -> commit(request -> request.signalFailedWithKnownReason(fenced), running))
                .isInstanceOf(IllegalStateException.class)
                .hasCause(fenced)
                .hasMessage("Kafka refused to commit the transaction job-0-0 (there is a newer producer), so its"
                        + " answers are not visible; the job restarts and sends them again. Stop the other job");
        assertThat(refusals.getCount()).isEqualTo(1);
    }

    @Test
    void aRefusedTransactionOfARestoredCheckpointIsCountedOnly() throws Exception {
        commit(request -> request.signalFailedWithKnownReason(fenced), restored);

        assertThat(refusals.getCount()).isEqualTo(1);
        assertThat(restored.calls).isEqualTo("refused ");
    }

    @Test
    void aRestoredTransactionWhoseIdKafkaHasForgottenIsCountedOnly() throws Exception {
        commit(request -> request.signalFailedWithUnknownReason(new InvalidPidMappingException("planted")), restored);

        assertThat(refusals.getCount()).isEqualTo(1);
        assertThat(restored.calls).isEqualTo("refused ");
    }

    @Test
    void otherErrorsAndRetriesReachFlink() throws Exception {
        commit(request -> request.signalFailedWithUnknownReason(new IllegalStateException("planted")), restored);
        commit(CommitRequest::retryLater, running);
        commit(CommitRequest::signalAlreadyCommitted, running);

        assertThat(restored.calls).isEqualTo("failed ");
        assertThat(running.calls).isEqualTo("retry committed ");
        assertThat(refusals.getCount()).isZero();
    }

    @Test
    void allTransactionsAreTriedBeforeARefusalFailsTheTask() {
        FakeRequest second = new FakeRequest(new KafkaCommittable(1, (short) 1, "job-0-2", producer));

        assertThatThrownBy(() -> commit(request -> request.signalFailedWithKnownReason(fenced), running, second));

        assertThat(second.calls).isEqualTo("refused ");
        assertThat(refusals.getCount()).isEqualTo(2);
    }

    /** Commits requests with a connector that does the given with each. */
    private void commit(Consumer<CommitRequest<KafkaCommittable>> connector, FakeRequest... requests) throws Exception {
        try (LoudCommitter committer =
                new LoudCommitter(new FakeConnector(connector), "Stop the other job", refusals)) {
            committer.commit(List.of(requests));
        }
    }

    private static Properties producer() {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", "127.0.0.1:1");
        settings.put("key.serializer", ByteArraySerializer.class.getName());
        settings.put("value.serializer", ByteArraySerializer.class.getName());
        return settings;
    }

    private record FakeConnector(Consumer<CommitRequest<KafkaCommittable>> each)
            implements Committer<KafkaCommittable> {
        @Override
        public void commit(Collection<CommitRequest<KafkaCommittable>> requests) {
            requests.forEach(each);
        }

        @Override
        public void close() {}
    }

    /** A request that notes which calls it got. */
    private static final class FakeRequest implements CommitRequest<KafkaCommittable> {
        private final KafkaCommittable committable;
        private String calls = "";

        FakeRequest(KafkaCommittable committable) {
            this.committable = committable;
        }

        @Override
        public KafkaCommittable getCommittable() {
            return committable;
        }

        @Override
        public int getNumberOfRetries() {
            return 0;
        }

        @Override
        public void signalFailedWithKnownReason(Throwable reason) {
            calls += "refused ";
        }

        @Override
        public void signalFailedWithUnknownReason(Throwable reason) {
            calls += "failed ";
        }

        @Override
        public void retryLater() {
            calls += "retry ";
        }

        @Override
        public void updateAndRetryLater(KafkaCommittable changed) {
            calls += "retry ";
        }

        @Override
        public void signalAlreadyCommitted() {
            calls += "committed ";
        }
    }
}
