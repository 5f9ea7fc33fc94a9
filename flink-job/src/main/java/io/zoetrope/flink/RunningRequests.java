package io.zoetrope.flink;

import io.zoetrope.fair.FairQueue;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** The requests of one slot that the engine has and has not answered. */
final class RunningRequests {
    /** The weight of a new measurement in the mean time. */
    private static final double NEWEST = 0.1;

    private final FairQueue queue;
    private final Map<String, Running> running = new HashMap<>();
    /** The mean time from the start of a request to its answer, in seconds. */
    private double meanSeconds;

    private record Running(String tenant, double work, Instant since) {}

    RunningRequests(FairQueue queue) {
        this.queue = queue;
    }

    /**
     * Counts a request as running.
     *
     * @param limit the largest number of requests that run
     * @return how long later requests may go before it: none for the first one of its tenant; the time from start to
     *     answer for a tenant that has its share of the running requests already. So a tenant that begins to send is
     *     not behind the requests that another one has in flight
     */
    Duration start(WaitingPrompt prompt, int limit, Instant now) {
        double share = Math.max(1, (double) limit / Math.max(1, queue.tenants()));
        double used = Math.min(1, queue.inFlightOf(prompt.tenant()) / share);
        String tenant = queue.started(prompt.tenant());
        running.put(prompt.event().position(), new Running(tenant, prompt.work(), now));
        return Duration.ofNanos((long) (meanSeconds * used * 1e9));
    }

    /** Counts a request as answered. */
    void end(KafkaEvent event, Duration deviceTime, Instant now) {
        Running ended = running.remove(event.position());
        if (ended == null) {
            return;
        }
        double seconds = Duration.between(ended.since(), now).toNanos() / 1e9;
        meanSeconds += NEWEST * (seconds - meanSeconds);
        if (!deviceTime.isZero()) {
            queue.measured(deviceTime, ended.work());
        }
        queue.ended(ended.tenant());
    }
}
