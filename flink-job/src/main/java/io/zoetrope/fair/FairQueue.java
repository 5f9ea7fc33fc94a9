package io.zoetrope.fair;

import io.zoetrope.fair.Turns.Turn;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * The order in which waiting requests start, and the requests that are in flight. Used by one thread.
 *
 * <ol>
 *   <li><b>Deadlines first.</b> A request whose deadline is less than a minute away starts before its turn, the earliest
 *       deadline first, unless its tenant is {@value #MAY_LEAD} seconds of device time ahead of its share already.
 *       Otherwise a tenant that gives every request a deadline would take everything.
 *   <li><b>Then fair shares.</b> Each tenant that the rules list has a share of its own; all others have one share
 *       together, in which they take turns. A turn is measured by the device time of a request. Within a tenant, the
 *       request that is due first starts first.
 * </ol>
 *
 * <p>Tenants' names come from senders, so their number is bounded: beyond {@value #MOST_TENANTS} tenants with requests,
 * further ones count as one tenant. So a sender that invents names takes turns from tenants that are not listed, and
 * not more than its number of names in each round; a listed tenant keeps its share.
 */
public final class FairQueue {
    /** A deadline is near when it is less than this away. */
    static final Duration NEAR = Duration.ofMinutes(1);
    /** How far a deadline may take a tenant ahead of its share, in seconds of device time. */
    static final double MAY_LEAD = 10;

    static final int MOST_TENANTS = 256;
    /** The name of the tenant that stands for all that are too many. */
    static final String FURTHER = "further tenants";

    /** The weight of a new measurement in the mean cost. */
    private static final double NEWEST = 0.1;

    private final FairRules rules;
    private final Map<String, Tenant> tenants = new LinkedHashMap<>();
    private final TreeSet<Waiting> deadlines = new TreeSet<>(Waiting.BY_DEADLINE);
    private Turns shares = new Turns();
    private Turns others = new Turns();
    private Turn othersShare;
    private int size;
    private double work;
    private int inFlight;
    /** The mean device time of a usual request, in seconds. */
    private double secondsOfUsual = 1;

    private boolean measured;

    public FairQueue(FairRules rules) {
        this.rules = rules;
        othersShare = new Turn(rules.weightOfOthers());
    }

    /** Returns the number of waiting requests. */
    public int size() {
        return size;
    }

    /** Returns the work of the waiting requests, in usual requests. */
    public double work() {
        return work;
    }

    /** Returns the number of requests that started and have not ended. */
    public int inFlight() {
        return inFlight;
    }

    /** Returns the number of tenants that have requests. */
    public int tenants() {
        return (int) tenants.values().stream().filter(FairQueue::isBusy).count();
    }

    /** Returns the number of waiting requests of a tenant. */
    public int waitingOf(String tenant) {
        Tenant known = tenants.get(nameOf(tenant));
        return known == null ? 0 : known.waiting.size();
    }

    /** Returns the number of requests in flight of a tenant, by the name that {@link #started} returned. */
    public int inFlightOf(String name) {
        Tenant known = tenants.get(name);
        return known == null ? 0 : known.inFlight;
    }

    /** Returns whether a request of this tenant has to wait if it arrives now; see {@link #poll}. */
    public boolean hasToWait(String tenant, int limit, int reserve) {
        return size > 0 || !tenant(tenant).mayStart(inFlight, limit, reserve);
    }

    /** Adds a request. */
    public void add(Waiting request) {
        Tenant tenant = tenant(request.tenant());
        if (tenant.waiting.isEmpty()) {
            enter(tenant);
        }
        if (tenant.waiting.add(request)) {
            size++;
            work += request.work();
            request.deadline().ifPresent(deadline -> deadlines.add(request));
        }
    }

    private void enter(Tenant tenant) {
        if (tenant.ownShare) {
            shares.enter(tenant.turn);
        } else {
            if (tenants.values().stream().noneMatch(other -> !other.ownShare && !other.waiting.isEmpty())) {
                shares.enter(othersShare);
            }
            others.enter(tenant.turn);
        }
    }

    /** Removes a request that does not need its turn any more. */
    public void remove(Waiting request) {
        // The request is in the queue of its tenant, or, if there were too many, in that of the further ones.
        for (String name : List.of(request.tenant(), FURTHER)) {
            Tenant tenant = tenants.get(name);
            if (tenant != null && tenant.waiting.remove(request)) {
                removed(request);
                return;
            }
        }
    }

    /** Removes and returns the requests whose deadlines have passed. */
    public List<Waiting> takeExpired(Instant now) {
        List<Waiting> expired = new ArrayList<>();
        while (!deadlines.isEmpty() && !deadline(deadlines.first()).isAfter(now)) {
            Waiting request = deadlines.pollFirst();
            remove(request);
            expired.add(request);
        }
        return expired;
    }

    /** Returns the earliest deadline of the waiting requests. */
    public Optional<Instant> nextDeadline() {
        return deadlines.isEmpty() ? Optional.empty() : deadlines.first().deadline();
    }

    /**
     * Removes and returns the request that starts next, which is then to be {@link #started}; empty if none may start.
     *
     * @param limit the largest number of requests in flight
     * @param reserve how many more may be in flight if each is the only one of its tenant. So a tenant that begins to
     *     send does not wait for the requests that another one has in flight
     */
    public Optional<Waiting> poll(Instant now, int limit, int reserve) {
        List<Tenant> ready = tenants.values().stream()
                .filter(tenant -> !tenant.waiting.isEmpty() && tenant.mayStart(inFlight, limit, reserve))
                .toList();
        Optional<Tenant> urgent = urgent(ready, now);
        return urgent.or(() -> inTurn(ready)).map(tenant -> {
            Waiting request = tenant.waiting.pollFirst();
            double cost = request.work() * secondsOfUsual;
            if (urgent.isPresent()) {
                chargeAhead(tenant, cost);
            } else {
                charge(tenant, cost);
            }
            removed(request);
            return request;
        });
    }

    private Optional<Tenant> urgent(List<Tenant> ready, Instant now) {
        Instant near = now.plus(NEAR);
        return ready.stream()
                .filter(tenant ->
                        tenant.waiting.first().deadline().filter(near::isAfter).isPresent())
                .filter(this::mayGoAhead)
                .min(Comparator.comparing(tenant -> tenant.waiting.first(), Waiting.BY_DEADLINE));
    }

    private boolean mayGoAhead(Tenant tenant) {
        return tenant.ownShare
                ? shares.lead(tenant.turn) < MAY_LEAD
                : shares.lead(othersShare) < MAY_LEAD && others.lead(tenant.turn) < MAY_LEAD;
    }

    private Optional<Tenant> inTurn(List<Tenant> ready) {
        Optional<Tenant> listed = first(ready, tenant -> tenant.ownShare);
        Optional<Tenant> other = first(ready, tenant -> !tenant.ownShare);
        if (listed.isEmpty() || other.isEmpty()) {
            return listed.or(() -> other);
        }
        return listed.get().turn.start() <= othersShare.start() ? listed : other;
    }

    private static Optional<Tenant> first(List<Tenant> ready, Predicate<Tenant> condition) {
        return ready.stream()
                .filter(condition)
                .min(Comparator.<Tenant>comparingDouble(tenant -> tenant.turn.start())
                        .thenComparing(tenant -> tenant.waiting.first(), Waiting.BY_DUE_TIME));
    }

    private void charge(Tenant tenant, double cost) {
        if (tenant.ownShare) {
            shares.take(tenant.turn, cost);
        } else {
            shares.take(othersShare, cost);
            others.take(tenant.turn, cost);
        }
    }

    private void chargeAhead(Tenant tenant, double cost) {
        if (tenant.ownShare) {
            shares.takeAhead(tenant.turn, cost);
        } else {
            shares.takeAhead(othersShare, cost);
            others.takeAhead(tenant.turn, cost);
        }
    }

    /** Counts a request of a tenant as in flight. Returns the name to give to {@link #ended}. */
    public String started(String tenant) {
        Tenant known = tenant(tenant);
        known.inFlight++;
        inFlight++;
        return known.name;
    }

    /** Counts a request as ended. */
    public void ended(String name) {
        Tenant tenant = tenants.get(name);
        if (tenant == null || tenant.inFlight == 0) {
            throw new IllegalStateException("tenant " + name + " has no request in flight; count it as started first");
        }
        tenant.inFlight--;
        inFlight--;
        forgetIfIdle();
    }

    /** Measures the cost of a request: the device time that it took, its share of its batches. */
    public void measured(Duration deviceTime, double work) {
        double seconds = deviceTime.toNanos() / 1e9 / work;
        secondsOfUsual = measured ? secondsOfUsual + NEWEST * (seconds - secondsOfUsual) : seconds;
        measured = true;
    }

    private void removed(Waiting request) {
        size--;
        work = size == 0 ? 0 : work - request.work(); // without the rounding errors of a long life
        deadlines.remove(request);
        forgetIfIdle();
    }

    /** Starts all shares anew if nothing waits: turns that nobody had to wait for are not paid back. */
    private void forgetIfIdle() {
        if (size == 0) {
            shares = new Turns();
            others = new Turns();
            othersShare = new Turn(rules.weightOfOthers());
            tenants.values().removeIf(tenant -> tenant.inFlight == 0);
            tenants.values().forEach(tenant -> tenant.turn.reset());
        }
    }

    private Tenant tenant(String name) {
        String known = nameOf(name);
        return tenants.computeIfAbsent(known, key -> new Tenant(key, rules));
    }

    /** Returns the name under which a tenant is known: its own one, or that of the further ones if there are too many. */
    private String nameOf(String name) {
        if (rules.hasOwnShare(name) || tenants.containsKey(name)) {
            return name;
        }
        if (tenants.size() >= MOST_TENANTS + rules.weights().listed().size()) {
            tenants.values().removeIf(tenant -> !tenant.ownShare && !isBusy(tenant) && others.lead(tenant.turn) <= 0);
        }
        return tenants.size() < MOST_TENANTS + rules.weights().listed().size() ? name : FURTHER;
    }

    private static boolean isBusy(Tenant tenant) {
        return tenant.inFlight > 0 || !tenant.waiting.isEmpty();
    }

    private static Instant deadline(Waiting request) {
        return request.deadline().orElseThrow();
    }
}
