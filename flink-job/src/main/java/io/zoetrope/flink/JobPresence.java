package io.zoetrope.flink;

import io.zoetrope.client.KafkaSettings;
import io.zoetrope.config.Delivery;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.GroupProtocol;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.utils.ExponentialBackoff;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows other jobs that a job with a transactional prefix runs: a member of a consumer group that is named by the
 * prefix. {@link SecondJob} looks for it before a start. The member reads no records; Kafka removes it when it leaves,
 * or when it has sent no heartbeat for {@link #SESSION_TIMEOUT}.
 *
 * <p>A job runs without it while Kafka does not allow the group or the member has an error. It warns, and tries again.
 */
final class JobPresence implements AutoCloseable {
    /** The shortest session timeout that brokers accept by default. */
    static final Duration SESSION_TIMEOUT = Duration.ofSeconds(6);

    private static final Logger LOG = LoggerFactory.getLogger(JobPresence.class);
    private static final Duration POLL_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);
    /** From 1 s to 30 s, twice as long after each error. Each error is one warning, so these limit their rate too. */
    private static final ExponentialBackoff RETRY_DELAYS = new ExponentialBackoff(1000, 2, 30_000, 0.1);

    private final Supplier<Consumer<byte[], byte[]>> members;
    private final String group;
    private final String topic;
    private final ExponentialBackoff delays;
    private final Thread thread;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile @Nullable Consumer<byte[], byte[]> member;
    /** The number of failures since the job was a member. */
    private int failures;

    private JobPresence(
            Supplier<Consumer<byte[], byte[]>> members, String group, String topic, ExponentialBackoff delays) {
        this.members = members;
        this.group = group;
        this.topic = topic;
        this.delays = delays;
        this.thread = new Thread(this::stay, "job-presence");
        this.thread.setDaemon(true);
    }

    /** Returns the group of a prefix. */
    static String group(String transactionalIdPrefix) {
        return transactionalIdPrefix + ".running";
    }

    /** Returns what a task needs to join the group of a job's transactional prefix. */
    static Opener of(JobConfig config) {
        if (config.get(JobOptions.DELIVERY) == Delivery.AT_LEAST_ONCE) {
            return () -> () -> {};
        }
        String group = group(TransactionalIds.prefix(config));
        String topic = config.get(JobOptions.PROMPTS_TOPIC);
        Properties settings = KafkaSettings.of(config).consumer();
        settings.setProperty(ConsumerConfig.GROUP_ID_CONFIG, group);
        settings.setProperty(ConsumerConfig.GROUP_PROTOCOL_CONFIG, GroupProtocol.CLASSIC.name());
        settings.setProperty(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, Long.toString(SESSION_TIMEOUT.toMillis()));
        settings.setProperty(
                ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, Long.toString(SESSION_TIMEOUT.toMillis() / 3));
        settings.setProperty(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest");
        return () -> join(settings, group, topic);
    }

    private static JobPresence join(Properties settings, String group, String topic) {
        Properties named = new Properties();
        named.putAll(settings);
        // The name is process-id@host.
        named.setProperty(
                ConsumerConfig.CLIENT_ID_CONFIG,
                "zoetrope-" + ManagementFactory.getRuntimeMXBean().getName());
        return join(
                () -> new KafkaConsumer<>(named, new ByteArrayDeserializer(), new ByteArrayDeserializer()),
                group,
                topic,
                RETRY_DELAYS);
    }

    /**
     * Joins a group, without waiting for it.
     *
     * @param members creates the member, and another one after an error
     * @param delays the waits before the next member is created
     */
    static JobPresence join(
            Supplier<Consumer<byte[], byte[]>> members, String group, String topic, ExponentialBackoff delays) {
        JobPresence presence = new JobPresence(members, group, topic, delays);
        presence.thread.start();
        return presence;
    }

    private void stay() {
        try {
            while (!isClosed()) {
                stayUntilAnError();
                var unused = closed.await(delays.backoff(failures++), TimeUnit.MILLISECONDS);
            }
        } catch (WakeupException | InterruptException | InterruptedException e) {
            LOG.debug("left the group {}", group, e);
        }
    }

    private void stayUntilAnError() {
        try (Consumer<byte[], byte[]> joined = members.get()) {
            member = joined;
            joined.subscribe(List.of(topic), new ReadNothing(joined));
            while (!isClosed()) {
                var unused = joined.poll(POLL_TIMEOUT);
            }
        } catch (WakeupException | InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            LOG.warn(
                    "this job is not a member of the consumer group {}, so the start of a second job with the same"
                            + " group-id and topics is not refused; it tries to join again; if Kafka refuses the group,"
                            + " allow it: {}",
                    group,
                    e.toString());
        }
    }

    private boolean isClosed() {
        return closed.getCount() == 0;
    }

    /** Leaves the group. */
    @Override
    public void close() {
        closed.countDown();
        Consumer<byte[], byte[]> joined = member;
        if (joined != null) {
            joined.wakeup();
        }
        try {
            thread.join(CLOSE_TIMEOUT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Joins the group on the machine where the task runs. */
    interface Opener extends Serializable {
        AutoCloseable open();
    }

    /** Pauses every partition that the member is assigned. */
    private final class ReadNothing implements ConsumerRebalanceListener {
        private final Consumer<byte[], byte[]> joined;

        ReadNothing(Consumer<byte[], byte[]> joined) {
            this.joined = joined;
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            joined.pause(partitions);
            if (failures > 0) {
                LOG.info("this job is a member of the consumer group {} now", group);
                failures = 0;
            }
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {}
    }
}
