package io.zoetrope.flink;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.flink.connector.kafka.sink.KafkaWriterState;
import org.apache.flink.connector.kafka.sink.TwoPhaseCommittingStatefulSink.PrecommittingStatefulSinkWriter;
import org.apache.flink.util.ExceptionUtils;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes with the connector's writer, and closes it without an exception.
 *
 * <p>The connector's writer throws on close if Kafka refused one of its records. Flink takes an exception while a
 * failed task is closed as fatal and ends the whole TaskManager. The exception has nothing to add: what was written
 * since the last checkpoint is aborted, and written again after the restore.
 */
final class AnswerSinkWriter
        implements StatefulSinkWriter<KafkaAnswer, KafkaWriterState>,
                CommittingSinkWriter<KafkaAnswer, KafkaCommittable> {
    private static final Logger LOG = LoggerFactory.getLogger(AnswerSinkWriter.class);

    private final PrecommittingStatefulSinkWriter<KafkaAnswer, KafkaWriterState, KafkaCommittable> kafka;
    private final String remedy;
    private final AutoCloseable presence;

    /**
     * Creates a writer.
     *
     * @param kafka the connector's writer
     * @param remedy what to do if another producer uses the transactional id, or the transaction has timed out
     * @param presence closed with the writer
     */
    AnswerSinkWriter(
            PrecommittingStatefulSinkWriter<KafkaAnswer, KafkaWriterState, KafkaCommittable> kafka,
            String remedy,
            AutoCloseable presence) {
        this.kafka = kafka;
        this.remedy = remedy;
        this.presence = presence;
    }

    @Override
    public void write(KafkaAnswer answer, Context context) throws IOException, InterruptedException {
        kafka.write(answer, context);
    }

    @Override
    public void flush(boolean endOfInput) throws IOException, InterruptedException {
        kafka.flush(endOfInput);
    }

    @Override
    public void writeWatermark(Watermark watermark) throws IOException, InterruptedException {
        kafka.writeWatermark(watermark);
    }

    @Override
    public Collection<KafkaCommittable> prepareCommit() throws IOException, InterruptedException {
        return kafka.prepareCommit();
    }

    @Override
    public List<KafkaWriterState> snapshotState(long checkpointId) throws IOException {
        return kafka.snapshotState(checkpointId);
    }

    @Override
    public void close() {
        try (presence) {
            kafka.close();
        } catch (Exception e) {
            LOG.warn("the writer of the answers did not close cleanly{}", isFenced(e) ? ". " + remedy : "", e);
        }
    }

    private static boolean isFenced(Throwable fault) {
        return ExceptionUtils.findThrowable(fault, ProducerFencedException.class)
                        .isPresent()
                || ExceptionUtils.findThrowable(fault, InvalidProducerEpochException.class)
                        .isPresent();
    }
}
