package io.zoetrope.lane;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TicketTest {
    private static final Duration NOT_AHEAD = Duration.ZERO;

    @Test
    void aRequestThatGoesAheadIsDueBeforeThoseThatArrivedWithinThatTime() {
        Instant due = ticket(10, Optional.empty(), Duration.ofSeconds(5)).due();

        assertThat(ticket(6, Optional.empty(), NOT_AHEAD).due()).isAfter(due);
        assertThat(ticket(4, Optional.empty(), NOT_AHEAD).due()).isBefore(due);
    }

    @Test
    void aDeadlineThatIsEarlierDecides() {
        Instant deadline = Instant.EPOCH.plusSeconds(12);

        assertThat(ticket(10, Optional.of(deadline), Duration.ofSeconds(5)).due())
                .isEqualTo(deadline);
    }

    private static Ticket ticket(int arrivedAtSeconds, Optional<Instant> deadline, Duration ahead) {
        return new Ticket("request", Instant.EPOCH.plusSeconds(arrivedAtSeconds), deadline, ahead, ticket -> {});
    }
}
