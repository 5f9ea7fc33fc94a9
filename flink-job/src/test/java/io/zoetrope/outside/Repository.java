package io.zoetrope.outside;

import java.nio.file.Path;

/** The checkout in which the tests run. */
final class Repository {
    /** Maven runs a module's tests in the module's folder. */
    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private Repository() {}

    static Path file(String path) {
        return ROOT.resolve(path);
    }
}
