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
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.GroupProtocol;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows other jobs that a job with a transactional prefix runs: a member of a consumer group that is named by the
 * prefix. {@link SecondJob} looks for it before a start. The member reads no records; Kafka removes it when it leaves,
 * or when it has sent no heartbeat for {@link #SESSION_TIMEOUT}.
 *
 * <p>A job runs without it if Kafka does not allow the group, and says so in one warning.
 */
final class JobPresence implements AutoCloseable {
    /** The shortest session timeout that brokers accept by default. */
    static final Duration SESSION_TIMEOUT = Duration.ofSeconds(6);

    private static final Logger LOG = LoggerFactory.getLogger(JobPresence.class);
    private static final Duration POLL_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);

    private final KafkaConsumer<byte[], byte[]> member;
    private final Thread thread;

    private JobPresence(KafkaConsumer<byte[], byte[]> member, String group, String topic) {
        this.member = member;
        this.thread = new Thread(() -> stay(group, topic), "job-presence");
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

    /** Joins a group, without waiting for it. */
    private static AutoCloseable join(Properties settings, String group, String topic) {
        Properties named = new Properties();
        named.putAll(settings);
        // The name is process-id@host.
        named.setProperty(
                ConsumerConfig.CLIENT_ID_CONFIG,
                "zoetrope-" + ManagementFactory.getRuntimeMXBean().getName());
        try {
            JobPresence presence = new JobPresence(
                    new KafkaConsumer<>(named, new ByteArrayDeserializer(), new ByteArrayDeserializer()), group, topic);
            presence.thread.start();
            return presence;
        } catch (KafkaException e) {
            warn(group, e);
            return () -> {};
        }
    }

    private void stay(String group, String topic) {
        try (member) {
            member.subscribe(List.of(topic), new ReadNothing(member));
            while (true) {
                var unused = member.poll(POLL_TIMEOUT);
            }
        } catch (WakeupException | InterruptException e) {
            LOG.debug("left the group {}", group, e);
        } catch (KafkaException e) {
            warn(group, e);
        }
    }

    private static void warn(String group, KafkaException reason) {
        LOG.warn(
                "this job is not a member of the consumer group {}, so the start of a second job with the same"
                        + " group-id and topics is not refused; allow the group: {}",
                group,
                reason.toString());
    }

    /** Leaves the group. */
    @Override
    public void close() {
        member.wakeup();
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
    private record ReadNothing(KafkaConsumer<byte[], byte[]> member) implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            member.pause(partitions);
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {}
    }
}
