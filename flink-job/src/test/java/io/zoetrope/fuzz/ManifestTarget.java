package io.zoetrope.fuzz;

import io.zoetrope.bundle.DamagedManifests;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Any bytes as a bundle's manifest: they are a sound one, or one with faults that are safe to print. */
public final class ManifestTarget {
    /** A JSON tree and the faults of its fields take about a hundred times as much as the shortest fields. */
    private static final int MOST_TIMES = 1500;

    private static final int MOST_CONSTANT = 8 << 20;

    private ManifestTarget() {}

    /** Runs one input; the fuzzer calls it by this name. */
    public static void fuzzerTestOneInput(byte[] json) {
        List<String> faults = new ArrayList<>();
        Promises.runWithin(MOST_CONSTANT + (long) MOST_TIMES * json.length, () -> {
            faults.clear();
            faults.addAll(DamagedManifests.faults(json));
        });
        check(json, faults);
    }

    /** Checks the texts of the faults. The fuzzer instruments these checks, too, so their memory is not limited. */
    private static void check(byte[] json, List<String> faults) {
        String input = new String(json, StandardCharsets.UTF_8);
        for (String fault : faults) {
            Promises.checkText(fault, input);
            Promises.require(fault.length() < 700, "a fault of " + fault.length() + " characters");
            Promises.require(fault.chars().noneMatch(Character::isISOControl), "control characters in: " + fault);
        }
    }
}
