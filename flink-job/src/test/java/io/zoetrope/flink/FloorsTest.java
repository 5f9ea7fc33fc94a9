package io.zoetrope.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class FloorsTest {
    @Test
    void aSearchStartsAtTheFloorOfItsPartition() {
        List<TopicEnd> floor = List.of(end("videos", "id", 0, 7), end("videos", "id", 1, 9));

        assertThat(Floors.start(floor, end("videos", "id", 1, 12))).isEqualTo(9);
    }

    @Test
    void aSearchStartsAtTheBeginningOfWhatTheFloorDoesNotKnow() {
        List<TopicEnd> floor = List.of(end("videos", "id", 0, 7));

        assertThat(Floors.start(floor, end("videos", "id", 1, 12)))
                .as("a new partition")
                .isZero();
        assertThat(Floors.start(floor, end("videos", "created again", 0, 12)))
                .as("a topic that was created again")
                .isZero();
        assertThat(Floors.start(floor, end("videos", "id", 0, 3)))
                .as("a partition that ends before its floor")
                .isZero();
    }

    @Test
    void theLowestFloorHasTheLowestOffsetOfEachPartitionThatAllFloorsList() {
        assertThat(Floors.lowest(List.of(
                        List.of(end("videos", "id", 0, 7), end("videos", "id", 1, 2), end("failures", "id", 0, 1)),
                        List.of(end("videos", "id", 1, 3), end("videos", "id", 0, 5)))))
                .containsExactlyInAnyOrder(end("videos", "id", 0, 5), end("videos", "id", 1, 2));
    }

    private static TopicEnd end(String topic, String topicId, int partition, long offset) {
        return new TopicEnd(topic, topicId, partition, offset);
    }
}
