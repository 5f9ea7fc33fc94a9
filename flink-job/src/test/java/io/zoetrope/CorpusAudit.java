package io.zoetrope;

import io.zoetrope.schema.FailedPrompt;
import io.zoetrope.schema.VideoSegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.RecordMetadata;

/** Compares the answers to the records of the corpus with what each record is expected to be answered by. */
record CorpusAudit(
        Map<WireCorpus.Entry, RecordMetadata> published, List<VideoSegment> segments, List<FailedPrompt> failures) {
    /** Returns one sentence for each record that was answered otherwise. */
    List<String> faults() {
        Map<String, Long> videos =
                segments.stream().collect(Collectors.groupingBy(VideoSegment::getRequestId, Collectors.counting()));
        Map<String, List<FailedPrompt>> failed = new HashMap<>();
        for (FailedPrompt failure : failures) {
            failed.computeIfAbsent(position(failure.getPartition(), failure.getOffset()), at -> new ArrayList<>())
                    .add(failure);
        }
        List<String> faults = new ArrayList<>();
        published.forEach((entry, metadata) -> {
            List<FailedPrompt> itsFailures =
                    failed.getOrDefault(position(metadata.partition(), metadata.offset()), List.of());
            long itsVideos = videos.getOrDefault(entry.name(), 0L) + keyVideos(entry, videos);
            if (!isAsExpected(entry.expected(), itsVideos, itsFailures.size())) {
                faults.add(entry.name() + ": expected " + entry.expected() + ", got " + itsVideos + " videos and "
                        + itsFailures);
            }
        });
        return faults;
    }

    /** Returns the videos for the key of a record whose request id is not its name. */
    private static long keyVideos(WireCorpus.Entry entry, Map<String, Long> videos) {
        byte[] key = entry.key();
        if (key == null || new String(key, StandardCharsets.UTF_8).equals(entry.name())) {
            return 0;
        }
        return videos.getOrDefault(new String(key, StandardCharsets.UTF_8), 0L);
    }

    private static boolean isAsExpected(WireCorpus.Expected expected, long videos, int failures) {
        return switch (expected) {
            case VIDEO -> videos == 1 && failures == 0;
            case FAILURE -> failures == 1;
            case ANY -> videos + failures == 1;
            case DUPLICATE -> videos == 1 && failures == 0;
        };
    }

    private static String position(int partition, long offset) {
        return partition + "@" + offset;
    }
}
