package io.zoetrope.lane;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** Breaks each promise once and tests that the check reports it. */
class LanePromisesTest {
    private final LanePromises promises = new LanePromises();
    private final Stage<Request, String> stage =
            watch(batch -> batch.stream().map(Request::answer).toList());
    private final Request first = new Request(1, "a");
    private final Request second = new Request(2, "a");
    private final CompletableFuture<Served<String>> firstAnswer = submit(first);
    private final CompletableFuture<Served<String>> secondAnswer = submit(second);

    @Test
    void keptPromisesAreNotReported() throws Exception {
        List<String> results = stage.run(List.of(first, second));
        firstAnswer.complete(served(results.get(0)));
        secondAnswer.completeExceptionally(new IllegalStateException());

        assertThat(promises.broken()).isEmpty();
    }

    @Test
    void lostRequestIsNoticed() {
        firstAnswer.complete(served(first.answer()));
        assertThat(promises.broken()).containsExactly("one answer per request: " + second + " got 0");
    }

    @Test
    void secondAnswerIsNoticed() {
        CompletableFuture<Served<String>> twice = new CompletableFuture<>() {
            @Override
            public CompletableFuture<Served<String>> whenComplete(
                    BiConsumer<? super Served<String>, ? super Throwable> action) {
                action.accept(served("answer to 3"), null);
                action.accept(served("answer to 3"), null);
                return this;
            }
        };
        Request third = new Request(3, "a");
        promises.submitted(third, twice);
        assertThat(promises.broken()).contains("one answer per request: " + third + " got 2");
    }

    @Test
    void swappedAnswersAreNoticed() {
        firstAnswer.complete(served(second.answer()));
        secondAnswer.complete(served(first.answer()));
        assertThat(promises.broken()).hasSize(2).allMatch(broken -> broken.startsWith("no mixing"));
    }

    @Test
    void batchesOfWrongSizeAreNoticed() throws Exception {
        stage.run(List.of(first, second, new Request(3, "a")));
        stage.run(List.of());
        assertThat(promises.broken()).contains("1 to 2 requests per batch: got 3", "1 to 2 requests per batch: got 0");
    }

    @Test
    void bucketsInOneBatchAreNoticed() throws Exception {
        stage.run(List.of(first, new Request(3, "b")));
        assertThat(promises.broken()).anyMatch(broken -> broken.startsWith("one bucket per batch"));
    }

    @Test
    void stagesInOneBatchAreNoticed() throws Exception {
        stage.run(List.of(first, new Request(3, "other", "a")));
        assertThat(promises.broken()).anyMatch(broken -> broken.startsWith("one stage per batch"));
    }

    @Test
    void batchInsideABatchIsNoticed() throws Exception {
        Stage<Request, String> outer = watch(batch -> stage.run(batch));
        outer.run(List.of(first));
        assertThat(promises.broken()).anyMatch(broken -> broken.startsWith("one batch at a time"));
    }

    @Test
    void runAfterTheAnswerIsNoticed() throws Exception {
        firstAnswer.completeExceptionally(new IllegalStateException());
        stage.run(List.of(first));
        assertThat(promises.broken()).contains("no run after the answer: " + first);
    }

    private Stage<Request, String> watch(Stage<Request, String> watched) {
        return promises.watch(
                        new StageSpec<>("stage", watched, Request::bucket, new BatchSizes.Fixed(2), Duration.ZERO))
                .stage();
    }

    private CompletableFuture<Served<String>> submit(Request request) {
        CompletableFuture<Served<String>> answer = new CompletableFuture<>();
        promises.submitted(request, answer);
        return answer;
    }

    private static Served<String> served(String value) {
        return new Served<>(value, Duration.ZERO, Duration.ZERO, 1);
    }
}
