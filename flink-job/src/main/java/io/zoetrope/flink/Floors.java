package io.zoetrope.flink;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Computes where a search for answers starts. */
final class Floors {
    private Floors() {}

    /**
     * Returns the lowest of several floors: for each partition that all of them list, the lowest offset. A partition
     * that one of them does not list is left out, because that one starts at the partition's beginning.
     */
    static List<TopicEnd> lowest(List<List<TopicEnd>> floors) {
        List<TopicEnd> lowest = new ArrayList<>(floors.get(0));
        for (List<TopicEnd> floor : floors.subList(1, floors.size())) {
            List<TopicEnd> both = new ArrayList<>();
            for (TopicEnd end : lowest) {
                of(floor, end).ifPresent(other -> both.add(other.offset() < end.offset() ? other : end));
            }
            lowest = both;
        }
        return lowest;
    }

    /**
     * Returns the offset at which the search of a partition starts. It is 0 if the floor does not list the partition of
     * this very topic, or lies past its end: then the partition or the topic was created after the floor was measured.
     *
     * @param end the present end of the partition
     */
    static long start(List<TopicEnd> floor, TopicEnd end) {
        return of(floor, end)
                .map(TopicEnd::offset)
                .filter(offset -> offset <= end.offset())
                .orElse(0L);
    }

    private static Optional<TopicEnd> of(List<TopicEnd> floor, TopicEnd partition) {
        return floor.stream()
                .filter(end -> end.topic().equals(partition.topic())
                        && end.topicId().equals(partition.topicId())
                        && end.partition() == partition.partition())
                .findFirst();
    }
}
