package io.zoetrope.bundle;

import java.util.Map;

/**
 * The origin and the measured quality of a bundle.
 *
 * @param recipe the command or preset that trained the model
 * @param commit the commit of the code that exported it
 * @param quality the measured values by name
 */
public record Provenance(String recipe, String commit, Map<String, Double> quality) {
    public Provenance {
        quality = Map.copyOf(quality);
    }
}
