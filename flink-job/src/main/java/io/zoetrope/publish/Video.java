package io.zoetrope.publish;

import io.zoetrope.encode.Segment;
import io.zoetrope.prompt.Prompt;
import java.time.Instant;
import java.util.List;

/**
 * A request answered, with what it takes to trust and trace the answer.
 *
 * @param prompt what was asked
 * @param segments the video, in order, at least one
 * @param model the bundle's name
 * @param modelDigest SHA-256 of the bundle's manifest, which holds every file's digest; hex
 * @param sampler which sampler made it
 * @param timings where the time went
 * @param batchSize how many requests shared the device with it
 * @param createdAt when it was done
 */
public record Video(
        Prompt prompt,
        List<Segment> segments,
        String model,
        String modelDigest,
        String sampler,
        Timings timings,
        int batchSize,
        Instant createdAt)
        implements Outcome {
    /** Refuses with an {@link IllegalArgumentException} a video without segments and a batch size below 1. */
    public Video {
        segments = List.copyOf(segments);
        if (segments.isEmpty()) {
            throw new IllegalArgumentException("video " + prompt.requestId() + ": expected a segment, got none");
        }
        if (batchSize < 1) {
            throw new IllegalArgumentException(
                    "video " + prompt.requestId() + ": expected a batch of at least 1, got " + batchSize);
        }
    }
}
