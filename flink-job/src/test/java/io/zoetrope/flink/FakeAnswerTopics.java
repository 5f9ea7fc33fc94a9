package io.zoetrope.flink;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Answer topics without Kafka. The test sets their ends and completes the searches. */
final class FakeAnswerTopics implements AnswerTopics {
    /** A search that was started. */
    record Search(List<TopicEnd> floor, Set<AnswerDigest> wanted, CompletableFuture<Set<AnswerDigest>> found) {}

    final List<Search> searches = new ArrayList<>();
    long end;
    boolean closed;

    @Override
    public CompletableFuture<List<TopicEnd>> ends() {
        return CompletableFuture.completedFuture(endingAt(end));
    }

    @Override
    public CompletableFuture<Set<AnswerDigest>> committed(List<TopicEnd> floor, Set<AnswerDigest> wanted) {
        CompletableFuture<Set<AnswerDigest>> found = new CompletableFuture<>();
        searches.add(new Search(floor, Set.copyOf(wanted), found));
        return found;
    }

    @Override
    public void close() {
        closed = true;
    }

    static List<TopicEnd> endingAt(long offset) {
        return List.of(new TopicEnd("videos", "id", 0, offset));
    }
}
