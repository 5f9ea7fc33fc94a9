package io.zoetrope.flink;

import io.zoetrope.client.KafkaSettings;
import io.zoetrope.config.ConfigException;
import io.zoetrope.config.Delivery;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.flink.client.deployment.application.executors.EmbeddedExecutor;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.runtime.jobmanager.HighAvailabilityMode;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Refuses the start of a second job with the transactional prefix of a running one. Both would answer every prompt, and
 * each would abort the other's transactions.
 */
public final class SecondJob {
    private static final Logger LOG = LoggerFactory.getLogger(SecondJob.class);
    /** The wait for the presence of a job that was killed to expire. */
    private static final Duration WAIT = JobPresence.SESSION_TIMEOUT.plusSeconds(2);

    private static final Duration POLL_INTERVAL = Duration.ofMillis(200);

    private SecondJob() {}

    /**
     * Checks that no job with the transactional prefix of the options runs. If one does, waits until Kafka would have
     * noticed its end.
     *
     * @param cluster the settings of Flink's cluster
     * @param progress receives a line before the wait
     * @throws ConfigException if a job still runs after the wait
     */
    public static void refuse(JobConfig config, ReadableConfig cluster, Consumer<String> progress)
            throws InterruptedException {
        if (config.get(JobOptions.DELIVERY) == Delivery.AT_LEAST_ONCE
                || isStartedAgainByFlink(Configuration.fromMap(cluster.toMap()))) {
            return;
        }
        String prefix = TransactionalIds.prefix(config);
        try (Admin admin = KafkaSettings.of(config).openAdmin()) {
            Optional<MemberDescription> job = member(admin, prefix);
            if (job.isEmpty()) {
                return;
            }
            progress.accept("waiting up to " + WAIT.toSeconds() + " s for the end of the job " + name(job.get()));
            for (long end = System.nanoTime() + WAIT.toNanos(); System.nanoTime() < end; ) {
                Thread.sleep(POLL_INTERVAL.toMillis());
                job = member(admin, prefix);
                if (job.isEmpty()) {
                    return;
                }
            }
            throw new ConfigException(List.of("the job " + name(job.get())
                    + " runs already with the same group-id and topics (transactional prefix " + prefix
                    + "); stop it, or give this job its own group-id and topics"));
        } catch (KafkaException | ExecutionException e) {
            LOG.warn("no check for a second job with the transactional prefix {}: {}", prefix, e.toString());
        }
    }

    /** With high availability, Flink runs the main method again while the job runs. The running job is this one. */
    static boolean isStartedAgainByFlink(Configuration cluster) {
        return cluster.getOptional(DeploymentOptions.TARGET)
                        .filter(EmbeddedExecutor.NAME::equals)
                        .isPresent()
                && HighAvailabilityMode.isHighAvailabilityModeActivated(cluster);
    }

    private static Optional<MemberDescription> member(Admin admin, String prefix)
            throws InterruptedException, ExecutionException {
        String group = JobPresence.group(prefix);
        try {
            return Objects.requireNonNull(admin.describeConsumerGroups(List.of(group))
                            .describedGroups()
                            .get(group))
                    .get()
                    .members()
                    .stream()
                    .findFirst();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof GroupIdNotFoundException) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static String name(MemberDescription job) {
        return job.clientId() + " at " + job.host();
    }
}
