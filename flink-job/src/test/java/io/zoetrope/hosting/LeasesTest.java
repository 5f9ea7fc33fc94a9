package io.zoetrope.hosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class LeasesTest {
    private final List<Thing> opened = Collections.synchronizedList(new ArrayList<>());
    private final Leases<String, Thing> leases = new Leases<>(Thing::close, thing -> true);

    @Test
    void leasesOfOneKeyShareOneThingUntilTheLastIsClosed() throws Exception {
        var first = leases.acquire("a", this::open);
        var second = leases.acquire("a", this::open);
        assertThat(second.value()).isSameAs(first.value());

        first.close();
        assertThat(opened).singleElement().matches(thing -> !thing.closed);

        second.close();
        assertThat(opened).singleElement().matches(thing -> thing.closed);
        assertNotHeld(leases);
    }

    @Test
    void aLeaseClosedTwiceCountsOnce() throws Exception {
        var first = leases.acquire("a", this::open);
        var second = leases.acquire("a", this::open);

        first.close();
        first.close();

        assertThat(opened).singleElement().matches(thing -> !thing.closed);
        second.close();
    }

    @Test
    void interruptedThreadOpensNothing() throws Exception {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> leases.acquire("a", this::open)).isInstanceOf(InterruptedException.class);

        assertThat(opened).isEmpty();
        assertNotHeld(leases);
    }

    @Test
    void otherKeysDoNotShare() throws Exception {
        try (var one = leases.acquire("a", this::open);
                var other = leases.acquire("b", this::open)) {
            assertThat(one.value()).isNotSameAs(other.value());
        }
    }

    @Test
    void closedThingIsOpenedAgain() throws Exception {
        leases.acquire("a", this::open).close();

        try (var lease = leases.acquire("a", this::open)) {
            assertThat(opened).hasSize(2);
            assertThat(lease.value().closed).isFalse();
        }
    }

    @Test
    void aFailedOpenIsThrownAndLeavesNothing() throws Exception {
        assertThatThrownBy(() -> leases.acquire("a", () -> {
                    throw new IllegalStateException("the device is gone");
                }))
                .hasMessage("the device is gone");
        assertNotHeld(leases);
    }

    @Test
    void threadThatWaitedForAFailedOpenTriesAgain() throws Exception {
        CountDownLatch opening = new CountDownLatch(1);
        CountDownLatch fail = new CountDownLatch(1);
        CompletableFuture<Void> broken = inThread(() -> leases.acquire("a", () -> {
            opening.countDown();
            fail.await();
            throw new IllegalStateException("planted");
        }));
        opening.await();
        CompletableFuture<Void> patient =
                inThread(() -> leases.acquire("a", this::open).close());
        fail.countDown();

        patient.get();
        assertThatThrownBy(broken::get).isInstanceOf(ExecutionException.class).hasRootCauseMessage("planted");
        assertThat(opened).singleElement().matches(thing -> thing.closed);
        assertNotHeld(leases);
    }

    @Test
    void aFailedCloseIsThrownAndForgotten() throws Exception {
        Leases<String, Thing> stubborn = new Leases<>(
                thing -> {
                    throw new IllegalStateException("planted");
                },
                thing -> true);
        var lease = stubborn.acquire("a", this::open);

        assertThatThrownBy(lease::close).hasMessage("planted");

        var next = stubborn.acquire("a", this::open);
        assertThat(next.value()).isNotSameAs(lease.value());
        assertThatThrownBy(next::close).as("close of the only lease").hasMessage("planted");
    }

    @Test
    void openingOneKeyDoesNotBlockAnother() throws Exception {
        CountDownLatch opening = new CountDownLatch(1);
        CountDownLatch open = new CountDownLatch(1);
        CompletableFuture<Void> slow = inThread(() -> leases.acquire("slow", () -> {
                    opening.countDown();
                    open.await();
                    return open();
                })
                .close());
        opening.await();

        leases.acquire("quick", this::open).close();

        open.countDown();
        slow.get();
    }

    @Test
    void reopeningWaitsForTheClose() throws Exception {
        CountDownLatch closing = new CountDownLatch(1);
        CountDownLatch close = new CountDownLatch(1);
        List<String> order = Collections.synchronizedList(new ArrayList<>());
        Leases<String, String> slow = new Leases<>(
                thing -> {
                    closing.countDown();
                    awaitQuietly(close);
                    order.add("closed");
                },
                thing -> true);
        var lease = slow.acquire("a", () -> "first");
        CompletableFuture<Void> leaving = inThread(lease::close);
        closing.await();
        CompletableFuture<Void> next = inThread(() -> slow.acquire("a", () -> {
            order.add("opened");
            return "second";
        }));
        close.countDown();

        leaving.get();
        next.get();
        assertThat(order).containsExactly("closed", "opened");
    }

    /**
     * Many threads acquire and close leases: at most one thing exists, no lease sees a closed one, and none stays
     * open.
     */
    @Test
    void aThingNeverExistsTwice() throws Exception {
        AtomicInteger alive = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Leases<String, Thing> busy = new Leases<>(
                thing -> {
                    thing.close();
                    alive.decrementAndGet();
                },
                thing -> true);
        List<CompletableFuture<Void>> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            SplittableRandom random = new SplittableRandom(i);
            threads.add(inThread(() -> {
                for (int round = 0; round < 2_000; round++) {
                    try (var lease = busy.acquire("a", () -> {
                        most.accumulateAndGet(alive.incrementAndGet(), Math::max);
                        if (random.nextInt(4) == 0) {
                            alive.decrementAndGet();
                            throw new IllegalArgumentException("planted");
                        }
                        return new Thing();
                    })) {
                        if (random.nextBoolean()) {
                            Thread.onSpinWait();
                        }
                        assertThat(lease.value().closed).isFalse();
                    } catch (IllegalArgumentException e) {
                        assertThat(e).hasMessage("planted");
                    }
                }
            }));
        }
        for (CompletableFuture<Void> thread : threads) {
            thread.get();
        }

        assertThat(most).hasValue(1);
        assertThat(alive).hasValue(0);
        assertNotHeld(busy);
    }

    /** A key that stayed in the map would keep its object reachable. */
    @Test
    void aKeyWithoutLeasesIsForgotten() throws Exception {
        Leases<Object, Thing> byObject = new Leases<>(Thing::close, thing -> true);
        WeakReference<Object> closed = keyThatWasClosed(byObject);
        WeakReference<Object> failed = keyThatFailedToOpen(byObject);

        await().until(() -> {
            System.gc();
            return closed.get() == null && failed.get() == null;
        });
    }

    private WeakReference<Object> keyThatWasClosed(Leases<Object, Thing> byObject) throws Exception {
        Object key = new Object();
        byObject.acquire(key, this::open).close();
        return new WeakReference<>(key);
    }

    private static WeakReference<Object> keyThatFailedToOpen(Leases<Object, Thing> byObject) {
        Object key = new Object();
        assertThatThrownBy(() -> byObject.acquire(key, () -> {
                    throw new IllegalStateException("planted");
                }))
                .hasMessage("planted");
        return new WeakReference<>(key);
    }

    /** Fails if "a" is still leased: the lease that this acquires would then not open and close the thing. */
    private void assertNotHeld(Leases<String, Thing> checked) throws Exception {
        int before = opened.size();
        var only = checked.acquire("a", this::open);
        assertThat(opened).hasSize(before + 1);
        only.close();
        assertThat(only.value().closed).isTrue();
    }

    private Thing open() {
        Thing thing = new Thing();
        opened.add(thing);
        return thing;
    }

    private static CompletableFuture<Void> inThread(Action action) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Consumer<CompletableFuture<Void>> run = future -> {
            try {
                action.run();
                future.complete(null);
            } catch (Throwable e) {
                future.completeExceptionally(e);
            }
        };
        Thread thread = new Thread(() -> run.accept(done), "leases-test");
        thread.setDaemon(true);
        thread.start();
        return done;
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @FunctionalInterface
    private interface Action {
        void run() throws Exception;
    }

    private static final class Thing {
        private volatile boolean closed;

        private void close() {
            closed = true;
        }
    }
}
