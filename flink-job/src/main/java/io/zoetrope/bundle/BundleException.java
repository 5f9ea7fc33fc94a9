package io.zoetrope.bundle;

import java.nio.file.Path;
import java.util.List;

/** Thrown for a bundle that cannot be served. It lists all faults of the bundle. */
public final class BundleException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<String> faults;

    /**
     * Creates an exception that lists the faults of a bundle.
     *
     * @param directory the bundle's folder
     * @param faults at least one fault; each names the file or field, the expected value and the actual value
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
