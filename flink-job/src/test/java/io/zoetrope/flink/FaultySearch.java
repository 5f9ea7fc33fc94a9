package io.zoetrope.flink;

import io.zoetrope.TopicReader;
import io.zoetrope.client.KafkaSettings;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * A planted fault: a search for committed answers that ends at the first record of an open transaction, and so misses
 * the answers after it.
 */
public final class FaultySearch implements AnswerTopics {
    private final String bootstrapServers;
    private final List<String> names;
    private final KafkaAnswerTopics topics;

    private FaultySearch(String bootstrapServers, List<String> names) {
        this.bootstrapServers = bootstrapServers;
        this.names = names;
        KafkaSettings kafka = KafkaSettings.of(bootstrapServers);
        this.topics = new KafkaAnswerTopics(kafka.admin(), kafka.consumer(), names);
    }

    /** Returns the operator with the fault. */
    public static KeepUntilCommitted of(JobConfig config) {
        String servers = config.get(JobOptions.BOOTSTRAP_SERVERS);
        List<String> names = List.of(config.get(JobOptions.VIDEOS_TOPIC), config.get(JobOptions.FAILURES_TOPIC));
        return new KeepUntilCommitted(() -> new FaultySearch(servers, names), AnswerSink.serializer(config));
    }

    @Override
    public CompletableFuture<List<TopicEnd>> ends() {
        return topics.ends();
    }

    @Override
    public CompletableFuture<Set<AnswerDigest>> committed(List<TopicEnd> floor, Set<AnswerDigest> wanted) {
        Set<AnswerDigest> found = new HashSet<>();
        for (String topic : names) {
            TopicReader.readAll(bootstrapServers, topic, "read_committed")
                    .forEach(record -> found.add(AnswerDigest.of(record)));
        }
        found.retainAll(wanted);
        return CompletableFuture.completedFuture(found);
    }

    @Override
    public void close() {
        topics.close();
    }
}
