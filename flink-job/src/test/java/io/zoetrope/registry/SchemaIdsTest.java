package io.zoetrope.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zoetrope.registry.SchemaIds.Meaning;
import io.zoetrope.wire.RecordCodec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SchemaIdsTest {
    private static final int GOOD = 7;
    private static final String PROMPT_SCHEMA = RecordCodec.PROMPT_EVENT.schemaText();

    private final Map<Integer, String> schemas = new HashMap<>(Map.of(GOOD, PROMPT_SCHEMA));
    private final List<Integer> asked = new ArrayList<>();
    private final List<CompletableFuture<Optional<String>>> unanswered = new ArrayList<>();
    private final TreeMap<Instant, List<Runnable>> timers = new TreeMap<>();
    private Instant now = Instant.EPOCH;
    private boolean down;
    private boolean silent;

    private final SchemaIds ids = new SchemaIds(this::schema, RecordCodec.PROMPT_EVENT, () -> now, this::later);

    @Test
    void anIdOfThePromptsSchemaIsAcceptedAndAskedForOnce() {
        assertThat(meaning(GOOD).header()).startsWith(0xC3, 0x01).hasSize(10);
        assertThat(meaning(GOOD).header())
                .isEqualTo(RecordCodec.PROMPT_EVENT.header(PROMPT_SCHEMA).orElseThrow());
        assertThat(asked).containsExactly(GOOD);
    }

    /** Serializers in Java register the schema of their class, which has properties and the same canonical form. */
    @Test
    void aSchemaThatDiffersInDocsAndPropertiesOnlyIsAccepted() {
        schemas.put(8, io.zoetrope.schema.PromptEvent.getClassSchema().toString());

        assertThat(meaning(8).header()).isEqualTo(meaning(GOOD).header());
    }

    @Test
    void schemasOfOtherRecordsNonsenseAndDeepNestingAreRefused() {
        List<String> bad = List.of(
                RecordCodec.FAILED_PROMPT.schemaText(),
                "\"string\"",
                "",
                "{",
                "null",
                "{\"type\":\"array\",\"items\":".repeat(20_000),
                "{\"type\":\"record\",\"name\":\"A\",\"fields\":[{\"name\":\"a\",\"type\":\"A\"}]}",
                "{\"type\":\"record\",\"name\":\"a b\",\"fields\":[]}");
        for (int i = 0; i < bad.size(); i++) {
            schemas.put(100 + i, bad.get(i));

            assertThat(meaning(100 + i).refusal())
                    .as("schema %s", i)
                    .contains("the schema id " + (100 + i) + " is not one of io.zoetrope.schema.PromptEvent");
        }
    }

    @Test
    void anUnknownIdIsRefusedAndAskedForAgainAfterAMinute() {
        assertThat(meaning(1).refusal()).startsWith("the schema id 1 is not in the registry;");
        assertThat(meaning(1).refusal()).isNotNull();
        assertThat(asked).containsExactly(1);

        schemas.put(1, PROMPT_SCHEMA);
        pass(SchemaIds.UNKNOWN_FOR);

        assertThat(meaning(1).header()).isNotNull();
    }

    @Test
    void idsThatNoRegistryGivesAreNotAskedFor() {
        assertThat(meaning(0).refusal()).contains("is not above 0");
        assertThat(meaning(Integer.MIN_VALUE).refusal()).contains("is not above 0");
        assertThat(asked).isEmpty();
    }

    @Test
    void hostileIdsTakeBoundedMemoryAndDisplaceNoAcceptedId() {
        meaning(GOOD);
        for (int id = 1000; id < 1000 + 5 * SchemaIds.MAX_REFUSED; id++) {
            meaning(id);
        }
        asked.clear();

        assertThat(ids.size()).isLessThanOrEqualTo(SchemaIds.MAX_REFUSED + SchemaIds.MAX_ACCEPTED);
        meaning(GOOD);
        assertThat(asked).isEmpty();
    }

    @Test
    void recordsWithOneIdShareOneRequestAndOtherIdsDoNotWaitForIt() {
        silent = true;
        CompletableFuture<Meaning> first = ids.find(1);
        CompletableFuture<Meaning> second = ids.find(1);
        silent = false;

        assertThat(meaning(GOOD).header()).isNotNull();
        assertThat(first).isNotDone();
        unanswered.get(0).complete(Optional.empty());
        assertThat(first.join()).isSameAs(second.join());
        assertThat(asked).containsExactly(1, GOOD);
    }

    @Test
    void aRegistryThatComesBackWithinItsPatienceAnswersTheWaitingIds() {
        down = true;
        CompletableFuture<Meaning> waiting = ids.find(GOOD);
        pass(SchemaIds.PATIENCE.minusSeconds(2));
        assertThat(waiting).isNotDone();

        down = false;
        pass(SchemaIds.RETRY);

        assertThat(waiting.join().header()).isNotNull();
    }

    @Test
    void anOutageMakesRecordsWaitForItsPatienceOnceAndThenFailsThemAtOnce() {
        meaning(GOOD);
        down = true;
        CompletableFuture<Meaning> first = ids.find(1);
        pass(SchemaIds.PATIENCE.minusSeconds(5));
        CompletableFuture<Meaning> later = ids.find(2);
        pass(Duration.ofSeconds(6));

        assertThatThrownBy(first::join).hasCauseInstanceOf(RegistryException.class);
        assertThat(later).as("the outage, not the lookup, is old").isCompletedExceptionally();
        assertThat(ids.find(3)).isCompletedExceptionally();
        assertThat(meaning(GOOD).header()).as("a known id needs no registry").isNotNull();
    }

    @Test
    void aLookupThatCannotEvenBeSentEndsAndTheNextOneIsAsked() {
        AtomicInteger sent = new AtomicInteger();
        SchemaIds broken = new SchemaIds(
                id -> {
                    sent.incrementAndGet();
                    throw new IllegalStateException("planted: no thread");
                },
                RecordCodec.PROMPT_EVENT,
                () -> now,
                this::later);
        CompletableFuture<Meaning> first = broken.find(1);
        pass(SchemaIds.PATIENCE.plusSeconds(5));

        assertThat(first).isCompletedExceptionally();
        int before = sent.get();
        assertThat(broken.find(1)).isCompletedExceptionally();
        assertThat(sent.get()).isGreaterThan(before);
    }

    @Test
    void inALongOutageOneRecordAtATimeAsksAndTheOthersFailAtOnce() {
        down = true;
        assertThat(ids.find(1)).isNotNull();
        pass(SchemaIds.PATIENCE.plusSeconds(1));
        silent = true;
        asked.clear();

        CompletableFuture<Meaning> probe = ids.find(2);
        for (int id = 100; id < 10_000; id++) {
            assertThat(ids.find(id)).isCompletedExceptionally();
        }
        assertThat(asked).containsExactly(2);

        down = false;
        silent = false;
        unanswered.get(0).complete(Optional.of(PROMPT_SCHEMA));
        assertThat(probe.join().header()).isNotNull();
        assertThat(meaning(GOOD).header()).as("the outage is over").isNotNull();
    }

    @Test
    void anIdThatTheRegistryCannotServeDoesNotWaitForEverWhileItServesOthers() {
        silent = true;
        CompletableFuture<Meaning> stuck = ids.find(1);
        silent = false;
        for (int second = 0; second <= SchemaIds.PATIENCE.toSeconds(); second++) {
            silent = true;
            unanswered.get(unanswered.size() - 1).completeExceptionally(new RegistryException("status 500"));
            pass(SchemaIds.RETRY);
            silent = false;
            meaning(1000 + second);
        }

        assertThat(stuck).isCompletedExceptionally();
    }

    private Meaning meaning(int id) {
        CompletableFuture<Meaning> found = ids.find(id);
        assertThat(found).isCompleted();
        return found.join();
    }

    private CompletableFuture<Optional<String>> schema(int id) {
        asked.add(id);
        if (silent) {
            CompletableFuture<Optional<String>> never = new CompletableFuture<>();
            unanswered.add(never);
            return never;
        }
        return down
                ? CompletableFuture.failedFuture(new RegistryException("planted fault"))
                : CompletableFuture.completedFuture(Optional.ofNullable(schemas.get(id)));
    }

    private void later(Duration delay, Runnable task) {
        timers.computeIfAbsent(now.plus(delay), time -> new ArrayList<>()).add(task);
    }

    private void pass(Duration time) {
        Instant end = now.plus(time);
        while (!timers.isEmpty() && !timers.firstKey().isAfter(end)) {
            var next = Objects.requireNonNull(timers.pollFirstEntry());
            now = next.getKey();
            next.getValue().forEach(Runnable::run);
        }
        now = end;
    }
}
