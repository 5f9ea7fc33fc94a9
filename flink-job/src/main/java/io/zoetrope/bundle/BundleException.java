package io.zoetrope.bundle;

import java.nio.file.Path;
import java.util.List;

/** A bundle that cannot be served, with everything that is wrong with it. */
public final class BundleException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<String> faults;

    /**
     * Lists the faults of a bundle.
     *
     * @param directory of the bundle
     * @param faults what is wrong, at least one; each names its file or field, what was expected and what is there
     */
    public BundleException(Path directory, List<String> faults) {
        super(message(directory, faults));
        this.faults = List.copyOf(faults);
    }

    public List<String> faults() {
        return faults;
    }

    private static String message(Path directory, List<String> faults) {
        return "bundle " + directory + ": " + faults.size() + (faults.size() == 1 ? " fault" : " faults")
                + "; export it again or restore its files\n  - " + String.join("\n  - ", faults);
    }
}
