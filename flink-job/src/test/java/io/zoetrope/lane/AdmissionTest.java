package io.zoetrope.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
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
    void aRequestThatDoesNotFitWaitsWithoutItsThreadAndKeepsItsArrivalTime() {
        Ticket first = enter(1);
        Ticket second = enter(2);
        Ticket third = enter(3);
        Ticket fourth = enter(4);
        assertThat(List.of(isAdmitted(first), isAdmitted(second), isAdmitted(third)))
                .containsExactly(true, true, false);
        assertThat(admission.inFlight()).isEqualTo(2);

        clock.advance(Duration.ofSeconds(1));
        first.close();
        assertThat(isAdmitted(third)).isTrue();
        assertThat(isAdmitted(fourth))
                .as("admitted before an earlier one has left")
                .isFalse();
        assertThat(third.arrivedAt()).isEqualTo(TestClock.START);
        assertThat(admission.inFlight()).isEqualTo(2);
    }

    @Test
    void aRequestThatIsCancelledWhileItWaitsFailsAtOnceAndTakesNoPlace() {
        Ticket first = enter(1);
        enter(2);
        Ticket cancelled = enter(3);
        Ticket fourth = enter(4);
        cancelled.cancel();
        assertThat(cancelled.admitted().toCompletableFuture()).isCompletedExceptionally();
        cancelled.close();
        assertThat(admission.inFlight()).isEqualTo(2);

        first.close();
        assertThat(isAdmitted(fourth)).isTrue();
    }

    @Test
    void closeRefusesNewRequests() {
        Ticket first = enter(1);
        enter(2);
        Ticket third = enter(3);
        admission.close();
        assertThatExceptionOfType(RejectedExecutionException.class).isThrownBy(() -> enter(4));
        first.close();
        assertThat(isAdmitted(third)).isTrue();
    }

    @Test
    void capacityIsAtLeastOne() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Admission(0, clock))
                .withMessageContaining("at least 1, got 0");
    }

    private Ticket enter(int id) {
        return admission.enter(id, Optional.empty());
    }

    private static boolean isAdmitted(Ticket ticket) {
        return ticket.admitted().toCompletableFuture().isDone();
    }
}
