package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.zoetrope.flink.FaultySearch;
import io.zoetrope.flink.KafkaAnswer;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** Shows that a restored job finds out which of its answers Kafka has committed, also while transactions are open. */
class CommittedSearchIT extends TransactionFixture {
    @Test
    void aStopWithDrainWaitsForTheSearch() throws Exception {
        try (KafkaProducer<byte[], byte[]> other = openTransactionOnEachPartition()) {
            String savepoint = answerWithoutCommit("1");
            abortOpenTransactions();
            start(restoring(savepoint), "200 ms");
            await().atMost(TIMEOUT).ignoreException(IOException.class).until(() -> rest().completedCheckpoints() > 0);

            CompletableFuture<String> drained = checkpoints().drain(savepoints());
            assertThatThrownBy(() -> drained.get(2, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);
            other.abortTransaction();
            drained.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        }

        assertThat(audit.faults(topics.segments(), topics.failures())).isEmpty();
    }

    @Test
    void theSearchWaitsForAnOpenTransactionOfAnotherProducer() throws Exception {
        try (KafkaProducer<byte[], byte[]> other = openTransactionOnEachPartition()) {
            String savepoint = answerWithoutCommit("1");
            start(restoring(savepoint), "200 ms");
            publish("next", StubEngines.SLOW);
            awaitUncommittedAnswers(REQUESTS + 1);
            assertThat(topics.segments()).isEmpty();
            other.abortTransaction();
        }

        assertThat(faultsAfterMore()).isEmpty();
    }

    @Test
    void aSearchThatEndsAtAnOpenTransactionIsCaught() throws Exception {
        try (KafkaProducer<byte[], byte[]> other = openTransactionOnEachPartition()) {
            UnaryOperator<DataStream<KafkaAnswer>> faulty = answers -> kept(answers, FaultySearch.of(config(RARELY)));
            String savepoint = answerWithoutCommit("1", faulty, true);
            start(restoring(savepoint), faulty, config("200 ms"));
            awaitUncommittedAnswers(2 * REQUESTS);
            other.abortTransaction();
        }
        topics.awaitAnswers(2 * REQUESTS, TIMEOUT);

        assertThat(audit.faults(topics.segments(), topics.failures()))
                .hasSize(REQUESTS)
                .contains("request-0 was answered 2 times");
    }

    private KafkaProducer<byte[], byte[]> openTransactionOnEachPartition() throws Exception {
        KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", servers.bootstrapServers(), "transactional.id", "other-" + topics.videos),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        producer.initTransactions();
        producer.beginTransaction();
        for (int i = 0; i < TestTopics.PARTITIONS; i++) {
            for (String topic : List.of(topics.videos, topics.failures)) {
                producer.send(new ProducerRecord<>(topic, i, null, new byte[] {0}))
                        .get();
            }
        }
        return producer;
    }
}
