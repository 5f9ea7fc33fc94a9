package io.zoetrope.publish;

import io.zoetrope.encode.Segment;
import io.zoetrope.prompt.Prompt;
import java.time.Instant;
import java.util.List;

/**
 * The video that answers a request, with the data to reproduce and trace it.
 *
 * @param prompt the request
 * @param segments the video's segments in order, at least one
 * @param model the bundle's name
 * @param modelDigest the SHA-256 digest, in hexadecimal, of the bundle's manifest, which contains every file's digest
 * @param sampler the name of the sampler
 * @param timings how long each stage took
 * @param batchSize the number of requests in the model's batch, including this request
 * @param createdAt the time at which the video was finished
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
    /** Throws an {@link IllegalArgumentException} if there is no segment or the batch size is below 1. */
    public Video {
        segments = List.copyOf(segments);
        if (segments.isEmpty()) {
            throw new IllegalArgumentException("video " + prompt.requestId() + ": expected a segment, got none");
        }
        if (batchSize < 1) {
            throw new IllegalArgumentException(
                    "video " + prompt.requestId() + ": expected a batch size of at least 1, got " + batchSize);
        }
    }
}
