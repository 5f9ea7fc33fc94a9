package io.zoetrope.bundle;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The origin and the measured quality of a bundle.
 *
 * @param recipe the command or preset that made the bundle
 * @param commit the commit of the code that exported it
 * @param quality the measured values by name; may be empty
 * @param source the published model that was imported; empty if the model was trained here
 */
public record Provenance(String recipe, String commit, Map<String, Double> quality, Optional<Source> source) {
    /**
     * A published model.
     *
     * @param repository its name on the hub, or the name of its folder
     * @param revision its commit on the hub; empty if it is unknown
     * @param files the files that were read
     */
    public record Source(String repository, String revision, List<DigestedFile> files) {
        public Source {
            files = List.copyOf(files);
        }
    }

    public Provenance {
        quality = Map.copyOf(quality);
    }
}
