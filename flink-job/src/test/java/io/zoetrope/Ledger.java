package io.zoetrope;

import io.zoetrope.schema.FailedPrompt;
import io.zoetrope.schema.VideoSegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The requests that were asked, held against the answers: each is to be answered once, by a video or a failure. */
final class Ledger {
    private final Set<String> asked = new LinkedHashSet<>();

    void asked(String requestId) {
        asked.add(requestId);
    }

    Set<String> asked() {
        return asked;
    }

    /** Everything that is wrong with the answers, a sentence each. */
    List<String> audit(List<VideoSegment> segments, List<FailedPrompt> failures) {
        Map<String, Integer> answers = new HashMap<>();
        for (VideoSegment segment : segments) {
            if (segment.getLast()) {
                answers.merge(segment.getRequestId(), 1, Integer::sum);
            }
        }
        for (FailedPrompt failure : failures) {
            answers.merge(failure.getRequestId(), 1, Integer::sum);
        }
        List<String> faults = new ArrayList<>();
        for (String requestId : asked) {
            int count = answers.getOrDefault(requestId, 0);
            if (count != 1) {
                faults.add(requestId + " was answered " + count + " times");
            }
        }
        answers.keySet().stream()
                .filter(requestId -> !asked.contains(requestId))
                .forEach(requestId -> faults.add(requestId + " was answered and never asked"));
        return faults;
    }
}
