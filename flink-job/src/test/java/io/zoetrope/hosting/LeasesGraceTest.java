package io.zoetrope.hosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Tests how long a resource outlives its last lease, with a delay whose tasks the test runs. */
class LeasesGraceTest {
    private static final Duration GRACE = Duration.ofMinutes(1);

    private final List<Thing> opened = new ArrayList<>();
    private final List<Runnable> due = new ArrayList<>();
    private final Leases<String, Thing> leases =
            new Leases<>(thing -> thing.closed = true, thing -> thing.usable, GRACE, this::after);

    private Runnable after(Duration duration, Runnable task) {
        assertThat(duration).isEqualTo(GRACE);
        due.add(task);
        return () -> due.remove(task);
    }

    private static final class Thing {
        private boolean closed;
        private boolean usable = true;
    }

    private Leases<String, Thing>.Lease acquire(String key) throws Exception {
        return leases.acquire(key, () -> {
            Thing thing = new Thing();
            opened.add(thing);
            return thing;
        });
    }

    @Test
    void theNextLeaseWithinTheGraceTimeTakesTheThingOver() throws Exception {
        acquire("a").close();
        assertThat(opened).noneMatch(thing -> thing.closed);

        var second = acquire("a");
        assertThat(due).as("closings that wait").isEmpty();
        second.close();

        assertThat(opened).hasSize(1);
        assertThat(due).hasSize(1);
    }

    @Test
    void theThingIsClosedAtTheEndOfTheGraceTimeAndOpenedAgainAfterIt() throws Exception {
        acquire("a").close();
        due.get(0).run();
        assertThat(opened).singleElement().matches(thing -> thing.closed);

        acquire("a").close();
        assertThat(opened).hasSize(2);
    }

    @Test
    void anEndOfTheGraceTimeThatComesTooLateClosesNothing() throws Exception {
        acquire("a").close();
        Runnable late = due.get(0);
        var second = acquire("a");
        late.run();

        assertThat(second.value().closed).isFalse();
    }

    @Test
    void openingAnotherKeyEndsTheGraceTime() throws Exception {
        acquire("a").close();
        var other = acquire("b");

        assertThat(opened.get(0).closed).isTrue();
        assertThat(other.value().closed).isFalse();
        assertThat(due).isEmpty();
    }

    @Test
    void openingAKeyThatKeepsAnotherLeavesItsGraceTime() throws Exception {
        acquire("a").close();
        acquire("b").close();
        leases.closeIdle();

        acquire("a").close();
        leases.acquire("b", Set.of("a", "b"), () -> new Thing()).close();

        assertThat(opened.get(2).closed).isFalse();
        assertThat(due).hasSize(2);
    }

    @Test
    void theGraceTimeCanBeEndedForAllThingsWithoutLeases() throws Exception {
        acquire("a").close();
        var held = acquire("a");
        leases.closeIdle();
        assertThat(held.value().closed).isFalse();

        held.close();
        leases.closeIdle();
        assertThat(held.value().closed).isTrue();
        assertThat(due).isEmpty();
    }

    @Test
    void anUnusableThingHasNoGraceTime() throws Exception {
        var lease = acquire("a");
        lease.value().usable = false;
        lease.close();

        assertThat(lease.value().closed).isTrue();
    }

    @Test
    void aThingThatBecameUnusableWithoutLeasesIsReplaced() throws Exception {
        acquire("a").close();
        opened.get(0).usable = false;
        var next = acquire("a");

        assertThat(opened.get(0).closed).isTrue();
        assertThat(next.value()).isSameAs(opened.get(1));
    }

    @Test
    void aNewLeaseDoesNotWaitForTheLeasesOfAnUnusableThing() throws Exception {
        var old = acquire("a");
        old.value().usable = false;
        var next = acquire("a");
        assertThat(next.value()).isNotSameAs(old.value());
        assertThat(old.value().closed).isFalse();

        old.close();
        assertThat(old.value().closed).isTrue();
        var third = acquire("a");
        assertThat(third.value()).isSameAs(next.value());
    }

    @Test
    void aFailedOpeningLeavesNothing() {
        assertThatThrownBy(() -> leases.acquire("a", () -> {
                    throw new IllegalStateException("planted");
                }))
                .hasMessage("planted");
        assertThat(due).isEmpty();
    }
}
