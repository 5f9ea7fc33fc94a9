package io.zoetrope;

import io.zoetrope.schema.FailedPrompt;
import io.zoetrope.schema.VideoSegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Compares answers with requests: every request has to be answered exactly once, by a video or by a failure. */
final class AnswerAudit {
    private final Set<String> expected = new LinkedHashSet<>();

    void expect(String requestId) {
        expected.add(requestId);
    }

    /** Returns the faults in the answers, one sentence per fault. */
    List<String> faults(List<VideoSegment> segments, List<FailedPrompt> failures) {
        Map<String, Integer> answers = new HashMap<>();
        for (VideoSegment segment : segments) {
            if (segment.getLast()) {
                answers.merge(segment.getRequestId(), 1, Integer::sum);
            }
        }
        for (FailedPrompt failure : failures) {
            answers.merge(failure.getRequestId(), 1, Integer::sum);
        }
        List<String> found = new ArrayList<>();
        for (String requestId : expected) {
            int count = answers.getOrDefault(requestId, 0);
            if (count != 1) {
                found.add(requestId + " was answered " + count + " times");
            }
        }
        answers.keySet().stream()
                .filter(requestId -> !expected.contains(requestId))
                .forEach(requestId -> found.add(requestId + " was answered but not requested"));
        return found;
    }
}
