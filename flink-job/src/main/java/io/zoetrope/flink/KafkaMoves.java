package io.zoetrope.flink;

import io.zoetrope.rollout.Move;
import io.zoetrope.rollout.Moves;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a rollouts topic, from its beginning, to the end that it has at each look. A look takes about a millisecond, and
 * happens on the thread of the caller, when the last one is {@link #LOOK} ago. So nothing runs while no prompts arrive, and
 * no prompt is answered by moves that are older than {@link #LOOK}, also while Kafka does not answer: the caller waits.
 *
 * <p>The reason why a repeated prompt gets the same version: a move that this view has not seen was appended after its
 * last look, so after the prompt's reading less {@link #LOOK}. It counts from {@link Move#LEAD} later on, which is after
 * the time of the prompt. The difference of the two constants is the tolerance for brokers whose clocks differ.
 */
public final class KafkaMoves implements RolloutsTopic.View {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaMoves.class);
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration POLL_TIMEOUT = Duration.ofMillis(100);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final List<TopicPartition> partitions;
    private final List<Move> log = new ArrayList<>();
    private Moves moves = Moves.NONE;
    private long lookedAt;

    /**
     * Opens a topic, and reads it to its end.
     *
     * @param settings the settings of a consumer
     */
    public KafkaMoves(Properties settings, String topic) {
        Properties properties = new Properties();
        properties.putAll(settings);
        properties.setProperty(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        try {
            // The topic has one partition, because the order of moves counts.
            partitions = List.of(new TopicPartition(topic, 0));
            consumer.assign(partitions);
            look();
        } catch (Throwable e) {
            consumer.close();
            throw e;
        }
    }

    @Override
    public Moves moves() {
        if (System.nanoTime() - lookedAt >= LOOK.toNanos()) {
            look();
        }
        return moves;
    }

    private void look() {
        long start = System.nanoTime();
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            consumer.poll(POLL_TIMEOUT).forEach(this::add);
        }
        if (log.size() > moves.log().size()) { // also by a look that failed half-way
            moves = new Moves(log);
        }
        lookedAt = start;
    }

    private void add(ConsumerRecord<byte[], byte[]> record) {
        try {
            Move move = Move.read(record.key(), record.value(), Instant.ofEpochMilli(record.timestamp()));
            LOG.info(
                    "from {} on, {}: {}",
                    move.from(),
                    move.name(),
                    move.target().orElse("the first bundle"));
            log.add(move);
        } catch (IllegalArgumentException e) {
            LOG.warn("{}-{}@{} is ignored: {}", record.topic(), record.partition(), record.offset(), e.getMessage());
        }
    }

    @Override
    public void close() {
        consumer.close();
    }
}
