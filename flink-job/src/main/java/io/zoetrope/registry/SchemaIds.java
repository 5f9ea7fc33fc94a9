package io.zoetrope.registry;

import io.zoetrope.wire.RecordCodec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The schemas that the ids in registry framing mean, for records of one type. No call blocks: a record with an unknown id
 * waits for the registry alone. Ids come from senders, so both caches are bounded, and the ids that are refused cannot
 * displace those that are accepted.
 *
 * <p>A registry that does not answer is asked again, until {@link #PATIENCE} has passed since its last answer. Then a
 * lookup fails at once, except one at a time that asks whether the registry is back. So an outage makes records wait for
 * at most {@link #PATIENCE}, all together.
 */
public final class SchemaIds {
    /** How long a lookup waits for a registry that does not answer. */
    public static final Duration PATIENCE = Duration.ofSeconds(30);

    static final Duration RETRY = Duration.ofSeconds(1);
    /** How long an id counts as unknown. A registry may have it later, for example on a replica. */
    static final Duration UNKNOWN_FOR = Duration.ofMinutes(1);

    static final int MAX_ACCEPTED = 1_000;
    static final int MAX_REFUSED = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger(SchemaIds.class);
    /** One for each registry and type of this process, so that a restart of the job keeps what is known. */
    private static final Map<RegistryAccess, Map<String, SchemaIds>> ALL = new ConcurrentHashMap<>();

    private final SchemaSource source;
    private final RecordCodec<?> codec;
    private final InstantSource clock;
    private final BiConsumer<Duration, Runnable> later;

    private final RecentMap<byte[]> accepted = new RecentMap<>(MAX_ACCEPTED);
    private final RecentMap<Refused> refused = new RecentMap<>(MAX_REFUSED);
    private final Map<Integer, Lookup> running = new HashMap<>();
    /** The time of the first fault since the registry's last answer; null if there was none. */
    private @Nullable Instant downSince;

    /** A refused id: the reason, and the time until which it holds. */
    private record Refused(String reason, Instant until) {}

    /** A lookup that runs. */
    private record Lookup(int id, Instant began, CompletableFuture<Meaning> result) {}

    /**
     * What an id means.
     *
     * @param header the header of single-object encoding for the id's schema; null if the id is refused
     * @param refusal why the id is refused; null if it is accepted
     */
    @SuppressWarnings("ArrayRecordComponent") // nothing compares meanings
    public record Meaning(
            byte @Nullable [] header, @Nullable String refusal) {}

    SchemaIds(SchemaSource source, RecordCodec<?> codec, InstantSource clock, BiConsumer<Duration, Runnable> later) {
        this.source = source;
        this.codec = codec;
        this.clock = clock;
        this.later = later;
    }

    /**
     * Returns the ids of this process for a registry and a type of record.
     *
     * @throws org.apache.kafka.common.config.ConfigException if the credentials refer to a secret that this process
     *     cannot read
     */
    public static SchemaIds of(RegistryAccess access, RecordCodec<?> codec) {
        return ALL.computeIfAbsent(access, key -> new ConcurrentHashMap<>())
                .computeIfAbsent(
                        codec.recordName(),
                        name -> new SchemaIds(
                                new RegistryClient(access),
                                codec,
                                InstantSource.system(),
                                (delay, task) -> CompletableFuture.delayedExecutor(
                                                delay.toMillis(), TimeUnit.MILLISECONDS)
                                        .execute(task)));
    }

    /**
     * Returns what an id means. Fails with a {@link RegistryException} if the registry does not say it in time.
     *
     * @param id the id in a record, from anyone
     */
    public CompletableFuture<Meaning> find(int id) {
        Lookup lookup;
        synchronized (this) {
            Optional<Meaning> known = known(id);
            if (known.isPresent()) {
                return CompletableFuture.completedFuture(known.get());
            }
            Lookup same = running.get(id);
            if (same != null) {
                return same.result();
            }
            if (isLongDown() && !running.isEmpty()) {
                return CompletableFuture.failedFuture(new RegistryException(
                        "the schema registry has not answered since " + downSince + "; see the job's log"));
            }
            lookup = new Lookup(id, clock.instant(), new CompletableFuture<>());
            running.put(id, lookup);
        }
        ask(lookup);
        return lookup.result();
    }

    private void ask(Lookup lookup) {
        CompletableFuture<Optional<String>> asked;
        try {
            asked = source.schema(lookup.id());
        } catch (Throwable e) {
            asked = CompletableFuture.failedFuture(e);
        }
        var unused = asked.whenComplete((schema, fault) -> {
            try {
                answer(lookup, schema, fault);
            } catch (Throwable e) {
                end(lookup, e);
            }
        });
    }

    private void answer(Lookup lookup, Optional<String> schema, @Nullable Throwable fault) {
        if (fault == null) {
            lookup.result().complete(answered(lookup, schema));
        } else if (isWorthWaiting(lookup, cause(fault))) {
            later.accept(RETRY, () -> ask(lookup));
        } else {
            lookup.result().completeExceptionally(cause(fault));
        }
    }

    /** Ends a lookup that met a fault of this class: nobody else would, and every later record of the id waits for it. */
    private void end(Lookup lookup, Throwable fault) {
        synchronized (this) {
            running.remove(lookup.id());
        }
        lookup.result().completeExceptionally(fault);
    }

    private synchronized Meaning answered(Lookup lookup, Optional<String> schema) {
        if (downSince != null) {
            LOG.info("the schema registry answers again; it did not since {}", downSince);
            downSince = null;
        }
        running.remove(lookup.id());
        Optional<byte[]> header = schema.flatMap(codec::header);
        if (header.isPresent()) {
            accepted.put(lookup.id(), header.get());
            return new Meaning(header.get(), null);
        }
        return schema.isPresent()
                ? refuse(
                        lookup.id(),
                        "is not one of " + codec.recordName() + " that this job reads; register " + codec.file()
                                + ", and write records with it",
                        Instant.MAX)
                : refuse(
                        lookup.id(),
                        "is not in the registry; write records with a registered schema",
                        clock.instant().plus(UNKNOWN_FOR));
    }

    private Meaning refuse(int id, String reason, Instant until) {
        String message = "the schema id " + id + " " + reason;
        refused.put(id, new Refused(message, until));
        return new Meaning(null, message);
    }

    /** Returns whether to ask again after a fault. */
    private synchronized boolean isWorthWaiting(Lookup lookup, Throwable fault) {
        Instant now = clock.instant();
        if (downSince == null) {
            downSince = now;
            LOG.warn(
                    "records with unknown schema ids wait for up to {} s: {}",
                    PATIENCE.toSeconds(),
                    fault.getMessage());
        }
        if (!isLongDown() && now.isBefore(lookup.began().plus(PATIENCE))) {
            return true;
        }
        running.remove(lookup.id());
        return false;
    }

    private static Throwable cause(Throwable fault) {
        return fault instanceof CompletionException && fault.getCause() != null ? fault.getCause() : fault;
    }

    private boolean isLongDown() {
        return downSince != null && !clock.instant().isBefore(downSince.plus(PATIENCE));
    }

    private Optional<Meaning> known(int id) {
        byte[] header = accepted.get(id);
        if (header != null) {
            return Optional.of(new Meaning(header, null));
        }
        if (id <= 0) {
            return Optional.of(
                    new Meaning(null, "the schema id " + id + " is not above 0, as those of registries are"));
        }
        Refused refusal = refused.get(id);
        return refusal != null && clock.instant().isBefore(refusal.until())
                ? Optional.of(new Meaning(null, refusal.reason()))
                : Optional.empty();
    }

    /** Returns the number of ids that are kept. */
    synchronized int size() {
        return accepted.size() + refused.size() + running.size();
    }
}
