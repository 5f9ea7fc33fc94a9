package io.zoetrope.bundle;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Thrown for a bundle that cannot be served. It lists all faults of the bundle. Their texts can quote the bundle's files:
 * characters that are not visible are escaped.
 */
public final class BundleException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The faults that the message lists at most; a damaged manifest can have one for each of its bytes. */
    private static final int MOST_LISTED = 20;

    private final transient List<String> faults;

    /**
     * Creates an exception that lists the faults of a bundle.
     *
     * @param directory the bundle's folder
     * @param faults at least one fault; each names the file or field, the expected value and the actual value
     */
    public BundleException(Path directory, List<String> faults) {
        this(faults.stream().map(PrintableText::of).toList(), directory);
    }

    private BundleException(List<String> printable, Path directory) {
        super(message(directory, printable));
        this.faults = printable;
    }

    public List<String> faults() {
        return faults;
    }

    private static String message(Path directory, List<String> faults) {
        List<String> lines = new ArrayList<>();
        faults.stream().limit(MOST_LISTED).forEach(lines::add);
        if (faults.size() > MOST_LISTED) {
            lines.add("and " + (faults.size() - MOST_LISTED) + " more");
        }
        return "bundle " + PrintableText.of(directory.toString()) + ": " + faults.size()
                + (faults.size() == 1 ? " fault" : " faults") + "; export it again or restore its files\n  - "
                + String.join("\n  - ", lines);
    }
}
