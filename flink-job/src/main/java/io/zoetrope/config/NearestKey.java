package io.zoetrope.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds the key that a misspelled key most likely means. */
final class NearestKey {
    private record Candidate(String key, int edits) {}

    private NearestKey() {}

    /** Returns the candidate with the fewest edits from {@code key}; empty if it has too many to be a typing error. */
    static Optional<String> to(String key, Collection<String> candidates) {
        int maxEdits = Math.max(2, key.length() / 3);
        return candidates.stream()
                // The lengths' difference is the least number of edits; without this, long keys take quadratic time.
                .filter(candidate -> Math.abs(candidate.length() - key.length()) <= maxEdits)
                .map(candidate -> new Candidate(candidate, edits(key, candidate)))
                .filter(candidate -> candidate.edits <= maxEdits)
                .min(Comparator.comparingInt(Candidate::edits).thenComparing(Candidate::key))
                .map(Candidate::key);
    }

    /**
     * Returns the Levenshtein distance: the insertions, deletions and replacements that turn {@code a} into {@code b}.
     */
    private static int edits(String a, String b) {
        int[] above = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            above[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, 1 + Math.min(above[j], row[j - 1]));
            }
            above = row;
        }
        return above[b.length()];
    }
}
