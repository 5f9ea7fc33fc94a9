package io.zoetrope.bundle;

import java.util.Map;

/**
 * Where the bundle comes from and how good it was found to be.
 *
 * @param recipe the command or preset that trained it
 * @param commit of the code that exported it
 * @param quality measured figures by name
 */
public record Provenance(String recipe, String commit, Map<String, Double> quality) {
    public Provenance {
        quality = Map.copyOf(quality);
    }
}
