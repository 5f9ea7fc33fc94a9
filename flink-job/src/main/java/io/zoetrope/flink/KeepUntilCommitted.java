package io.zoetrope.flink;

import io.zoetrope.client.KafkaSettings;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledFuture;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps every answer until Kafka has committed it, and sends it again if Kafka has not. Without this operator an answer
 * is lost if Kafka aborts its transaction after the checkpoint: the checkpoint counts the prompt as answered.
 *
 * <p>The operator is in one chain with the sink, so Flink notifies the sink's committer of a checkpoint first. The
 * committer commits all transactions up to this checkpoint or fails the task ({@link LoudCommitter}). When this
 * operator is notified, their answers are committed, and it drops them. So the state holds the answers since the
 * newest committed checkpoint.
 *
 * <p>After a restore, the committer commits the transactions of the checkpoint. If Kafka refuses one, it may have been
 * committed already before the failure, or it may be lost; Kafka's error does not tell. So this operator reads the
 * answer topics: from their ends before the first kept answer, to their ends at the restore. It waits until every
 * transaction in between is committed or aborted. A kept answer that is visible then is dropped, and one that is not is
 * sent again, in the next transaction. New answers do not wait for this search; the end of the job does.
 */
public final class KeepUntilCommitted extends AbstractStreamOperator<KafkaAnswer>
        implements OneInputStreamOperator<KafkaAnswer, KafkaAnswer>, BoundedOneInput {
    /** The name and the uid of the operator, which name its state. */
    public static final String NAME = "keep until committed";

    public static final String UID = "keep-until-committed";

    private static final long serialVersionUID = 1L;

    private static final Logger LOG = LoggerFactory.getLogger(KeepUntilCommitted.class);
    private static final Duration POLL_INTERVAL = Duration.ofMillis(100);
    private static final Duration RETRY_DELAY = Duration.ofSeconds(1);
    /**
     * The longest time that the end of the job waits for the search. A search that another transaction of this job
     * holds up never ends meanwhile, because that transaction commits with a checkpoint, and none is taken before the
     * end.
     */
    static final Duration END_LIMIT = Duration.ofMinutes(1);

    private final AnswerTopics.Opener opener;
    private final AnswerSerializer serializer;

    private transient AnswerTopics topics;
    private transient ListState<KeptAnswers> state;
    private transient UncommittedAnswers uncommitted;
    private transient CommitMetrics commitMetrics;
    /** The answers of the restored checkpoint, until the search has ended. */
    private transient List<KeptAnswers> restored;

    private transient @Nullable CompletableFuture<Set<AnswerDigest>> search;
    private transient @Nullable ScheduledFuture<?> timer;
    private transient CompletableFuture<List<TopicEnd>> measurement;
    /** The newest measured ends. */
    private transient volatile @Nullable List<TopicEnd> floor;

    /** Creates the operator. */
    @SuppressWarnings("NullAway.Init") // Flink calls initializeState() and open() before it processes an answer
    KeepUntilCommitted(AnswerTopics.Opener opener, AnswerSerializer serializer) {
        this.opener = opener;
        this.serializer = serializer;
    }

    /** Returns the operator for the answer topics of the options. */
    public static KeepUntilCommitted of(JobConfig config) {
        Properties admin = KafkaSettings.of(config).admin();
        Properties consumer = KafkaSettings.of(config).consumer();
        List<String> topics = List.of(config.get(JobOptions.VIDEOS_TOPIC), config.get(JobOptions.FAILURES_TOPIC));
        return new KeepUntilCommitted(
                () -> new KafkaAnswerTopics(admin, consumer, topics), AnswerSink.serializer(config));
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        state = context.getOperatorStateStore()
                .getListState(new ListStateDescriptor<>("kept-answers", TypeInformation.of(KeptAnswers.class)));
        uncommitted = new UncommittedAnswers(KeptBytes.OF_PROCESS);
        restored = new ArrayList<>();
        if (context.isRestored()) {
            state.get().forEach(restored::add);
        }
    }

    @Override
    public void open() throws Exception {
        super.open();
        commitMetrics = new CommitMetrics(JobMetrics.of(getRuntimeContext()), uncommitted, this::now);
        topics = opener.open();
        measure();
        if (!restored.isEmpty()) {
            startSearch();
        }
    }

    @Override
    public void processElement(StreamRecord<KafkaAnswer> element) throws Exception {
        // The source gives each event the time of its record, and the operators pass it on to the answer.
        keep(new KeptAnswer(element.getValue(), element.hasTimestamp() ? element.getTimestamp() : now()));
        output.collect(element);
    }

    private void keep(KeptAnswer answer) throws ExecutionException, InterruptedException {
        if (uncommitted.needsFloor()) {
            List<TopicEnd> measured = floor;
            if (measured == null && measurement.isCompletedExceptionally()) {
                measure();
            }
            // Only the first answer after a start can meet a measurement that has not ended.
            uncommitted.begin(measured != null ? measured : measurement.get(), now());
        }
        uncommitted.add(answer);
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        uncommitted.checkpoint(context.getCheckpointId());
        List<KeptAnswers> all = new ArrayList<>(restored);
        all.addAll(uncommitted.all());
        state.update(all);
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) throws Exception {
        super.notifyCheckpointComplete(checkpointId);
        List<KeptAnswer> committed = uncommitted.committed(checkpointId);
        commitMetrics.committed(committed);
        if (!committed.isEmpty() && measurement.isDone()) {
            measure();
        }
    }

    /** Measures the ends of the topics, for the floor of later answers. An older floor stays valid. */
    private void measure() {
        measurement = topics.ends().whenComplete((ends, fault) -> {
            if (fault == null) {
                floor = ends;
            } else {
                LOG.warn("the ends of the answer topics were not measured: {}", fault.toString());
            }
        });
    }

    private void startSearch() {
        Set<AnswerDigest> wanted = new HashSet<>();
        restored.forEach(kept -> kept.answers().forEach(answer -> wanted.add(digest(answer))));
        commitMetrics.unknown(wanted.size());
        LOG.info("searching the answer topics for {} answers of the restored checkpoint", wanted.size());
        search = topics.committed(
                Floors.lowest(restored.stream().map(KeptAnswers::floor).toList()), wanted);
        callAfter(POLL_INTERVAL, this::pollSearch);
    }

    private void pollSearch() throws Exception {
        CompletableFuture<Set<AnswerDigest>> running = Objects.requireNonNull(search);
        if (!running.isDone()) {
            callAfter(POLL_INTERVAL, this::pollSearch);
        } else if (running.isCompletedExceptionally()) {
            LOG.warn("the search for the answers of the restored checkpoint failed; it starts again", fault(running));
            callAfter(RETRY_DELAY, this::startSearch);
        } else {
            sendAgainAllBut(running.get());
        }
    }

    private void sendAgainAllBut(Set<AnswerDigest> committed) throws Exception {
        List<KeptAnswer> lost = restored.stream()
                .flatMap(kept -> kept.answers().stream())
                .filter(answer -> !committed.contains(digest(answer)))
                .toList();
        restored.clear();
        commitMetrics.unknown(0);
        commitMetrics.sentAgain(lost.size());
        for (KeptAnswer answer : lost) {
            keep(answer);
            output.collect(new StreamRecord<>(answer.answer(), answer.acceptedAt()));
        }
        if (lost.isEmpty()) {
            LOG.info("all {} answers of the restored checkpoint are committed", committed.size());
        } else {
            LOG.warn(
                    "of the restored checkpoint's answers {} are committed, and {} are lost with their transaction and"
                            + " are sent again",
                    committed.size(),
                    lost.size());
        }
    }

    /**
     * Waits until each answer of the restored checkpoint is committed or sent again. The input ends only if the job is
     * stopped with {@code --drain}. Nothing continues after the state of such a job, so an answer that is only in the
     * state then would be lost.
     *
     * @throws IllegalStateException if the search takes too long; the job then restarts and loses nothing
     */
    @Override
    public void endInput() throws Exception {
        MailboxExecutor mailbox = getContainingTask()
                .getMailboxExecutorFactory()
                .createExecutor(getOperatorConfig().getChainIndex());
        long deadline = now() + END_LIMIT.toMillis();
        while (!restored.isEmpty()) {
            if (now() >= deadline) {
                throw new IllegalStateException("the job cannot end yet: after " + END_LIMIT.toSeconds()
                        + " s it does not know which answers of the restored checkpoint Kafka has committed; it restarts."
                        + " Stop it again after its next checkpoint, or without --drain");
            }
            mailbox.yield(); // runs the poll of the search
        }
    }

    private AnswerDigest digest(KeptAnswer kept) {
        return AnswerDigest.of(serializer.record(kept.answer()));
    }

    private long now() {
        return getProcessingTimeService().getCurrentProcessingTime();
    }

    private void callAfter(Duration delay, Callback callback) {
        timer = getProcessingTimeService().registerTimer(now() + delay.toMillis(), time -> callback.call());
    }

    private static Throwable fault(CompletableFuture<?> failed) throws InterruptedException {
        try {
            failed.get();
            throw new IllegalStateException("the search has not failed");
        } catch (ExecutionException e) {
            return e;
        }
    }

    @Override
    public void close() throws Exception {
        if (timer != null) {
            timer.cancel(false);
        }
        if (uncommitted != null) {
            uncommitted.clear();
        }
        if (topics != null) {
            topics.close();
        }
        super.close();
    }

    private interface Callback {
        void call() throws Exception;
    }
}
