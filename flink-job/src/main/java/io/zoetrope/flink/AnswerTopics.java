package io.zoetrope.flink;

import java.io.Serializable;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** The topics of the answers, as far as {@link KeepUntilCommitted} reads them. All calls return at once. */
interface AnswerTopics extends AutoCloseable {
    /** Returns the present end of each partition, records of open and aborted transactions included. */
    CompletableFuture<List<TopicEnd>> ends();

    /**
     * Searches the committed records between a floor and the present ends. Completes when every transaction that has a
     * record before these ends is committed or aborted, however long that takes.
     *
     * @param floor where the search starts; a partition that is not listed is searched from its beginning
     * @param wanted the digests of the records to search for
     * @return the digests that were found
     */
    CompletableFuture<Set<AnswerDigest>> committed(List<TopicEnd> floor, Set<AnswerDigest> wanted);

    /** Ends a search that still runs. */
    @Override
    void close();

    /** Opens the topics on the machine where the operator runs. */
    interface Opener extends Serializable {
        AnswerTopics open();
    }
}
