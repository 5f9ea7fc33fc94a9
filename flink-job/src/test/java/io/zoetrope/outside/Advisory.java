package io.zoetrope.outside;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A known fault of a library.
 *
 * @param id its public name
 * @param library the library, {@code group:artifact}
 * @param affected the affected versions
 * @param source where the fault is described
 * @param read the day on which the affected versions were compared with the source; null if they were not
 * @param accepted why the library is shipped nevertheless; null if it must not be
 */
record Advisory(
        String id,
        String library,
        List<Range> affected,
        String source,
        @Nullable String read,
        @Nullable String accepted) {
    /** The versions from {@code from} on and before {@code before}. */
    record Range(String from, String before) {}

    /** Reads flink-job/security/advisories.json. */
    static List<Advisory> all() throws IOException {
        return Arrays.asList(new ObjectMapper()
                .readValue(Repository.file("flink-job/security/advisories.json").toFile(), Advisory[].class));
    }

    /** Returns whether a version of a library has the fault. */
    boolean concerns(String groupAndArtifact, String version) {
        return library.equals(groupAndArtifact)
                && affected.stream()
                        .anyMatch(range -> compare(version, range.from()) >= 0 && compare(version, range.before()) < 0);
    }

    /** Compares the numbers of two versions. Qualifiers such as {@code Final} do not count. */
    static int compare(String left, String right) {
        List<Integer> a = numbers(left);
        List<Integer> b = numbers(right);
        for (int i = 0; i < Math.max(a.size(), b.size()); i++) {
            int difference = Integer.compare(i < a.size() ? a.get(i) : 0, i < b.size() ? b.get(i) : 0);
            if (difference != 0) {
                return difference;
            }
        }
        return 0;
    }

    private static List<Integer> numbers(String version) {
        List<Integer> numbers = new ArrayList<>();
        for (String part : version.split("[.-]", -1)) {
            if (part.matches("\\d+")) {
                numbers.add(Integer.parseInt(part));
            }
        }
        return numbers;
    }

    /** Returns {@code group:artifact} of a component of a bill of materials. */
    static String library(JsonNode component) {
        return component.get("group").asText() + ":" + component.get("name").asText();
    }
}
