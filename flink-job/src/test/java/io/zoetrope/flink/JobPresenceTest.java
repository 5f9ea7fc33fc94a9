package io.zoetrope.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.utils.ExponentialBackoff;
import org.junit.jupiter.api.Test;

/** Tests that a job stays a member of its group through errors, with Kafka's own fake consumer. */
class JobPresenceTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final ExponentialBackoff AT_ONCE = new ExponentialBackoff(0, 2, 0, 0);
    private static final ExponentialBackoff NEVER = new ExponentialBackoff(TimeUnit.HOURS.toMillis(1), 2, 7200_000, 0);

    @Test
    void aMemberThatFailsIsReplacedByOneThatJoins() {
        MockConsumer<byte[], byte[]> failing = consumer();
        failing.setPollException(new KafkaException("planted fault"));
        MockConsumer<byte[], byte[]> next = consumer();
        Queue<MockConsumer<byte[], byte[]>> members = new ArrayDeque<>(List.of(failing, next));

        try (JobPresence presence = JobPresence.join(members::remove, "group", "topic", AT_ONCE)) {
            await().atMost(TIMEOUT).until(() -> next.subscription().equals(Set.of("topic")));
            assertThat(failing.closed()).isTrue();
            assertThat(next.closed()).isFalse();
        }

        await().atMost(TIMEOUT).until(next::closed);
    }

    @Test
    void aMemberThatCannotBeCreatedIsCreatedLater() {
        MockConsumer<byte[], byte[]> next = consumer();
        Queue<Boolean> refusals = new ArrayDeque<>(List.of(true, true, true));

        try (JobPresence presence =
                JobPresence.join(() -> createdUnless(refusals.poll() != null, next), "group", "topic", AT_ONCE)) {
            await().atMost(TIMEOUT).until(() -> next.subscription().equals(Set.of("topic")));
        }
    }

    @Test
    void closingEndsTheWaitForTheNextMember() throws Exception {
        CountDownLatch created = new CountDownLatch(1);
        JobPresence presence = JobPresence.join(
                () -> {
                    created.countDown();
                    return createdUnless(true, consumer());
                },
                "group",
                "topic",
                NEVER);
        assertThat(created.await(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();

        presence.close();

        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().equals("job-presence") && thread.isAlive());
    }

    private static Consumer<byte[], byte[]> createdUnless(boolean refused, Consumer<byte[], byte[]> member) {
        if (refused) {
            throw new KafkaException("planted fault");
        }
        return member;
    }

    private static MockConsumer<byte[], byte[]> consumer() {
        return new MockConsumer<>("latest");
    }
}
