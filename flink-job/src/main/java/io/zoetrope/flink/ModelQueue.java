package io.zoetrope.flink;

import io.zoetrope.fair.FairQueue;
import io.zoetrope.fair.FairRules;
import io.zoetrope.fair.Waiting;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.IntSupplier;

/** The requests of one model in one slot: those that wait for their turn and those that its engine has. */
final class ModelQueue {
    /** One of so many requests in flight is reserved for tenants that have none. */
    private static final int RESERVED_SHARE = 8;
    /** With fewer requests in flight there is no reserve, because it would leave a device idle. */
    private static final int LEAST_WITH_RESERVE = 4;

    private final int inFlight;
    private final IntSupplier useful;
    private final FairQueue queue;
    private final RunningRequests running;

    /**
     * Creates a queue without requests.
     *
     * @param inFlight the largest number of the model's requests that the slot has in flight
     * @param useful returns how many requests in flight keep the devices and encoders of the engine busy
     */
    ModelQueue(FairRules rules, int inFlight, IntSupplier useful) {
        this.inFlight = inFlight;
        this.useful = useful;
        queue = new FairQueue(rules);
        running = new RunningRequests(queue);
    }

    FairQueue queue() {
        return queue;
    }

    /** Returns whether a request of this tenant has to wait if it arrives now. */
    boolean hasToWait(String tenant) {
        return queue.hasToWait(tenant, limit(), reserve());
    }

    /** Removes and returns the request that starts next; empty if none may start. */
    Optional<Waiting> poll(Instant now) {
        return queue.poll(now, limit(), reserve());
    }

    /** Counts a request as running. Returns how far it goes ahead: see {@link RunningRequests#start}. */
    Duration start(WaitingPrompt prompt, Instant now) {
        return running.start(prompt, limit(), now);
    }

    /** Counts a request as answered; has no effect if it is one of another model. */
    void end(KafkaEvent event, Duration deviceTime) {
        running.end(event, deviceTime);
    }

    /** Returns how many requests keep the devices busy, by the measured sizes of their batches. */
    private int limit() {
        return Math.max(1, Math.min(inFlight - reserve(), useful.getAsInt()));
    }

    private int reserve() {
        return inFlight < LEAST_WITH_RESERVE ? 0 : Math.max(1, inFlight / RESERVED_SHARE);
    }
}
