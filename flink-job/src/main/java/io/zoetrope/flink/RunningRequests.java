package io.zoetrope.flink;

import io.zoetrope.fair.FairQueue;
import java.time.Duration;
import java.time.Instant;
import java.util.IdentityHashMap;

/** The requests of one slot that the engine has and has not answered. */
final class RunningRequests {
    /** The farthest that a request goes ahead, so that those that it passes have their turn at last. */
    private static final Duration MOST_AHEAD = Duration.ofMinutes(1);

    private final FairQueue queue;
    /** The running requests by the instance of their event: positions repeat in a topic that is created again. */
    private final IdentityHashMap<KafkaEvent, Running> running = new IdentityHashMap<>();

    private record Running(String tenant, double work, Instant since) {}

    RunningRequests(FairQueue queue) {
        this.queue = queue;
    }

    /**
     * Counts a request as running.
     *
     * @param limit the largest number of requests that run
     * @return how far the request goes ahead. If its tenant has no more than its share of the running requests, the
     *     request is before all of tenants that have more. So a tenant that begins to send does not wait for the
     *     requests that another one has in flight
     */
    Duration start(WaitingPrompt prompt, int limit, Instant now) {
        String tenant = queue.started(prompt.tenant());
        double share = Math.max(1, (double) limit / queue.tenants());
        Duration ahead = queue.inFlightOf(tenant) > share
                ? Duration.ZERO
                : running.values().stream()
                        .filter(other -> queue.inFlightOf(other.tenant()) > share)
                        .map(other -> Duration.between(other.since(), now))
                        .max(Duration::compareTo)
                        .map(oldest -> oldest.plusMillis(1))
                        .orElse(Duration.ZERO);
        running.put(prompt.event(), new Running(tenant, prompt.work(), now));
        return ahead.compareTo(MOST_AHEAD) < 0 ? ahead : MOST_AHEAD;
    }

    /** Counts a request as answered. */
    void end(KafkaEvent event, Duration deviceTime) {
        Running ended = running.remove(event);
        if (ended == null) {
            return;
        }
        if (!deviceTime.isZero()) {
            queue.measured(deviceTime, ended.work());
        }
        queue.ended(ended.tenant());
    }
}
