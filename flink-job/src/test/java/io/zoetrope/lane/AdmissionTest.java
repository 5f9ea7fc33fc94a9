package io.zoetrope.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    private final TestClock clock = new TestClock();
    private final Admission admission = new Admission(2, clock);

    @Test
    void ticketHasIdArrivalAndDeadlineAndCanBeCancelled() throws Exception {
        clock.advance(Duration.ofSeconds(3));
        var deadline = Optional.of(clock.instant().plusSeconds(1));
        Ticket ticket = admission.enter("request-1", deadline);
        assertThat(ticket.id()).isEqualTo("request-1");
        assertThat(ticket.arrivedAt()).isEqualTo(clock.instant());
        assertThat(ticket.deadline()).isEqualTo(deadline);
        assertThat(ticket.cancelled()).isFalse();
        ticket.cancel();
        assertThat(ticket.cancelled()).isTrue();
    }

    @Test
    void ticketCountsUntilItIsClosedAndOnlyOnce() throws Exception {
        Ticket first = enter(1);
        enter(2);
        assertThat(admission.inFlight()).isEqualTo(2);
        first.close();
        first.close();
        assertThat(admission.inFlight()).isEqualTo(1);
    }

    @Test
    void entrantWaitsWhileFullAndKeepsItsArrivalTime() throws Exception {
        Ticket first = enter(1);
        enter(2);
        AtomicReference<Instant> arrivedAt = new AtomicReference<>();
        Thread entrant = waiting(() -> arrivedAt.set(enter(3).arrivedAt()));

        clock.advance(Duration.ofSeconds(1));
        first.close();
        entrant.join();
        assertThat(arrivedAt.get()).isEqualTo(TestClock.START);
    }

    @Test
    void interruptedEntrantIsNotAdmitted() throws Exception {
        enter(1);
        enter(2);
        AtomicReference<Throwable> fault = new AtomicReference<>();
        Thread entrant = waiting(() -> fault.set(catchThrowable(() -> enter(3))));
        entrant.interrupt();
        entrant.join();
        assertThat(fault.get()).isInstanceOf(InterruptedException.class);
        assertThat(admission.inFlight()).isEqualTo(2);
    }

    @Test
    void closeRefusesWaitingAndNewEntrants() throws Exception {
        Ticket first = enter(1);
        enter(2);
        AtomicReference<Throwable> fault = new AtomicReference<>();
        Thread entrant = waiting(() -> fault.set(catchThrowable(() -> enter(3))));
        admission.close();
        entrant.join();
        assertThat(fault.get()).isInstanceOf(RejectedExecutionException.class);
        assertThatExceptionOfType(RejectedExecutionException.class).isThrownBy(() -> enter(4));
        first.close();
        assertThat(admission.inFlight()).isEqualTo(1);
    }

    @Test
    void capacityIsAtLeastOne() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Admission(0, clock))
                .withMessageContaining("at least 1, got 0");
    }

    private Ticket enter(int id) throws InterruptedException {
        return admission.enter(id, Optional.empty());
    }

    private interface Entering {
        void enter() throws InterruptedException;
    }

    private static Thread waiting(Entering task) {
        Thread thread = new Thread(
                () -> {
                    try {
                        task.enter();
                    } catch (InterruptedException e) {
                        throw new AssertionError("this thread must not be interrupted", e);
                    }
                },
                "test-entrant");
        thread.start();
        await().until(() -> thread.getState() == Thread.State.WAITING);
        return thread;
    }
}
