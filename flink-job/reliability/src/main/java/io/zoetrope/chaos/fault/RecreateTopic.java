package io.zoetrope.chaos.fault;

import io.zoetrope.chaos.process.Poll;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.apache.kafka.clients.admin.Admin;

/**
 * The videos topic is deleted while nothing is in flight, is missing while new requests arrive, and is created again.
 * The auditor reads it before.
 */
public final class RecreateTopic implements Fault {
    private static final Duration DELETED = Duration.ofSeconds(60);
    private static final int SHORTEST_MILLIS = 5000;
    private static final int LONGEST_MILLIS = 20_000;

    private final String topic;

    /** Creates the fault for a topic. */
    public RecreateTopic(String topic) {
        this.topic = topic;
    }

    @Override
    public String kind() {
        return "topic-recreated";
    }

    @Override
    public Strike strike(Target target, Random random) throws Exception {
        target.drain();
        target.auditor().readVideos();
        int millis = SHORTEST_MILLIS + random.nextInt(LONGEST_MILLIS - SHORTEST_MILLIS);
        try (Admin admin = target.cluster().admin()) {
            admin.deleteTopics(List.of(topic)).all().get();
            Poll.until(
                    "the topic " + topic + " is deleted",
                    DELETED,
                    () -> !admin.listTopics().names().get().contains(topic));
        }
        target.load().resume();
        Thread.sleep(millis);
        target.cluster().createTopics();
        return Strike.now("missing for " + millis + " ms");
    }
}
