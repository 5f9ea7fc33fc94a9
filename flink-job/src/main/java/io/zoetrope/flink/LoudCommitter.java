package io.zoetrope.flink;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.flink.metrics.Counter;
import org.apache.kafka.common.errors.InvalidPidMappingException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits Kafka transactions, and fails the task if Kafka refuses one. The connector's own committer logs a refusal and
 * continues, and the answers are lost. After the failure the job restores its newest checkpoint, and
 * {@link KeepUntilCommitted} sends them again.
 *
 * <p>A transaction of a restored checkpoint can also be refused because it was committed before the failure. Such a
 * refusal is logged and counted, and {@link KeepUntilCommitted} finds out which case it is. A committable of a restored
 * checkpoint has no producer; one of the running job has that of its writer, since writer and committer are in one
 * chain and share objects.
 */
final class LoudCommitter implements Committer<KafkaCommittable> {
    private static final Logger LOG = LoggerFactory.getLogger(LoudCommitter.class);

    private final Committer<KafkaCommittable> kafka;
    private final String remedy;
    private final Counter refusals;

    /**
     * Creates a committer.
     *
     * @param kafka the connector's committer
     * @param remedy what to do about a refusal, for the error message
     * @param refusals counts the refused transactions
     */
    LoudCommitter(Committer<KafkaCommittable> kafka, String remedy, Counter refusals) {
        this.kafka = kafka;
        this.remedy = remedy;
        this.refusals = refusals;
    }

    @Override
    public void commit(Collection<CommitRequest<KafkaCommittable>> requests) throws IOException, InterruptedException {
        List<Request> watched = requests.stream().map(Request::new).toList();
        kafka.commit(new ArrayList<>(watched));
        List<Request> refused =
                watched.stream().filter(request -> request.refusal.isPresent()).toList();
        refusals.inc(refused.size());
        for (Request request : refused) {
            if (request.isRestored()) {
                LOG.warn(
                        "Kafka refused the transaction {} of the restored checkpoint ({}): it is committed already, or"
                                + " its answers are sent again",
                        request.transactionalId(),
                        request.refusal.get().toString());
            } else {
                throw new IllegalStateException(
                        "Kafka refused to commit the transaction " + request.transactionalId() + " ("
                                + request.refusal.get().getMessage() + "), so its answers are not visible; the job"
                                + " restarts and sends them again. " + remedy,
                        request.refusal.get());
            }
        }
    }

    @Override
    public void close() throws Exception {
        kafka.close();
    }

    /** A request that notes a refusal. */
    private static final class Request implements CommitRequest<KafkaCommittable> {
        private final CommitRequest<KafkaCommittable> request;
        private Optional<Throwable> refusal = Optional.empty();

        Request(CommitRequest<KafkaCommittable> request) {
            this.request = request;
        }

        boolean isRestored() {
            return getCommittable().getProducer().isEmpty();
        }

        String transactionalId() {
            return getCommittable().getTransactionalId();
        }

        @Override
        public KafkaCommittable getCommittable() {
            return request.getCommittable();
        }

        @Override
        public int getNumberOfRetries() {
            return request.getNumberOfRetries();
        }

        @Override
        public void signalFailedWithKnownReason(Throwable reason) {
            refusal = Optional.of(reason);
            request.signalFailedWithKnownReason(reason);
        }

        /** The connector calls this for every error that it has no rule for, and the call throws. */
        @Override
        public void signalFailedWithUnknownReason(Throwable reason) {
            // Kafka forgets a transactional id that was not used for a week. Its transaction is long over then.
            if (reason instanceof InvalidPidMappingException) {
                signalFailedWithKnownReason(reason);
            } else {
                request.signalFailedWithUnknownReason(reason);
            }
        }

        @Override
        public void retryLater() {
            request.retryLater();
        }

        @Override
        public void updateAndRetryLater(KafkaCommittable committable) {
            request.updateAndRetryLater(committable);
        }

        @Override
        public void signalAlreadyCommitted() {
            request.signalAlreadyCommitted();
        }
    }
}
