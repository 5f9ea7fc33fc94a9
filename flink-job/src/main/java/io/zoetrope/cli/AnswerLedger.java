package io.zoetrope.cli;

import io.zoetrope.schema.FailedPrompt;
import io.zoetrope.schema.VideoSegment;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Compares requests with their answers. Each request has to be answered exactly once: by each segment of its video, or
 * by one failure. Two records with the same request id are one request. A record without a valid request id is a
 * request that is identified by its position.
 */
public final class AnswerLedger {
    /** The requests, in the order of their records; the value is the position of the first record. */
    private final Map<String, String> requests = new LinkedHashMap<>();

    private final Map<String, Integer> answers = new HashMap<>();
    private final Map<String, Set<Integer>> segments = new HashMap<>();
    private final Set<String> doubled = new HashSet<>();

    /**
     * Adds a request.
     *
     * @param requestId the id, or the position if the record has no valid id
     * @param position topic-partition@offset of its record
     */
    public void request(String requestId, String position) {
        requests.putIfAbsent(requestId, position);
    }

    /** Adds a segment of a video. */
    public void segment(VideoSegment segment) {
        String id = segment.getRequestId();
        if (!segments.computeIfAbsent(id, request -> new HashSet<>()).add(segment.getIndex())) {
            doubled.add(id);
        } else if (segment.getLast()) {
            answer(id);
        }
    }

    /** Adds a failure. */
    public void failure(FailedPrompt failure) {
        String position = failure.getTopic() + "-" + failure.getPartition() + "@" + failure.getOffset();
        answer(failure.getRequestId() == null ? position : failure.getRequestId());
    }

    private void answer(String request) {
        if (answers.merge(request, 1, Integer::sum) > 1) {
            doubled.add(request);
        }
    }

    /** Returns the number of requests. */
    public int requests() {
        return requests.size();
    }

    /** Returns the requests without a complete answer, with their positions, in the order of their records. */
    public List<Map.Entry<String, String>> unanswered() {
        return requests.entrySet().stream()
                .filter(request -> !answers.containsKey(request.getKey()))
                // A record above a limit of the job fails unread, so its failure names its position and not its id.
                .filter(request -> !answers.containsKey(request.getValue()))
                .toList();
    }

    /** Returns the requests that were answered more than once. */
    public List<String> doubled() {
        return doubled.stream().sorted().toList();
    }
}
