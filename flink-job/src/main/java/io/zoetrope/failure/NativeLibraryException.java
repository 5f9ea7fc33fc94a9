package io.zoetrope.failure;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A native library that this process cannot load. The machine is at fault, not the model: another machine, or this one
 * with another temporary folder, may load it.
 */
public final class NativeLibraryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception that names the library, the cause, and the folder into which libraries are unpacked.
     *
     * @param library the name of the library
     * @param cause what the library threw
     */
    public NativeLibraryException(String library, Throwable cause) {
        super(message(library, root(cause)), cause);
    }

    private static String message(String library, Throwable root) {
        String folder = System.getProperty("java.io.tmpdir", "");
        return library + ": its native library cannot be loaded on this machine: " + root
                + "; libraries are unpacked into the user's cache (XDG_CACHE_HOME), or else into the temporary folder "
                + folder + ", which "
                + (Files.isWritable(Path.of(folder)) ? "is" : "is not") + " writable; set -Djava.io.tmpdir to a folder"
                + " that is writable and not mounted noexec, and install the system libraries that the message names";
    }

    private static Throwable root(Throwable fault) {
        Throwable cause = fault;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
