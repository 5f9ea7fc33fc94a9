package io.zoetrope.flink;

import java.util.List;

/**
 * Answers whose transaction was not committed when a checkpoint was taken: an element of the state of
 * {@link KeepUntilCommitted}.
 *
 * @param floor the ends of the answer topics' partitions at a time before the first of the answers was written; a
 *     partition that is not listed counts from its beginning
 * @param answers the answers, in the order in which they were written
 */
public record KeptAnswers(List<TopicEnd> floor, List<KeptAnswer> answers) {}
