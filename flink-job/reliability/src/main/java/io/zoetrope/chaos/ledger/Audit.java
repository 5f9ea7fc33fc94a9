package io.zoetrope.chaos.ledger;

import java.util.ArrayList;
import java.util.List;

/**
 * The result of comparing all requests with all answers. Each request has to be answered exactly once, by a video or by
 * a failure.
 *
 * @param requests the requests that Kafka has stored
 * @param videos the videos
 * @param failures the failures
 * @param lost the requests without an answer, with their positions
 * @param doubled the requests that were answered more than once
 * @param unasked the answers to requests that the ledger does not hold
 * @param differing the requests whose video has a wrong digest, or other bytes than the video of an equal request
 * @param payloads the number of different videos, each of which was decoded
 * @param undecodable the videos that a player could not decode
 */
public record Audit(
        int requests,
        int videos,
        int failures,
        List<String> lost,
        List<String> doubled,
        List<String> unasked,
        List<String> differing,
        int payloads,
        List<String> undecodable) {
    public Audit {
        lost = List.copyOf(lost);
        doubled = List.copyOf(doubled);
        unasked = List.copyOf(unasked);
        differing = List.copyOf(differing);
        undecodable = List.copyOf(undecodable);
    }

    /** Returns the faults in words; empty if every request was answered once, with the right bytes. */
    public List<String> faults() {
        List<String> faults = new ArrayList<>();
        add(faults, lost, "without an answer");
        add(faults, doubled, "answered more than once");
        add(faults, unasked, "answered but not requested");
        add(faults, differing, "with other bytes than equal requests");
        add(faults, undecodable, "with a video that cannot be decoded");
        if (faults.isEmpty() && videos + failures != requests) {
            faults.add(videos + " videos and " + failures + " failures for " + requests + " requests");
        }
        return faults;
    }

    private static void add(List<String> faults, List<String> ids, String what) {
        if (!ids.isEmpty()) {
            faults.add(ids.size() + " " + what + ": "
                    + String.join(", ", ids.subList(0, Math.min(10, ids.size())))
                    + (ids.size() > 10 ? ", ..." : ""));
        }
    }
}
