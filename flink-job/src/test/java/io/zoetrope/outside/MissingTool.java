package io.zoetrope.outside;

import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;
import org.opentest4j.TestAbortedException;

/** Thrown if a test cannot run because a tool is missing. In CI that is an error of the machine, so the test fails. */
final class MissingTool extends RuntimeException {
    private MissingTool(String message) {
        super(message);
    }

    /** Returns the exception that skips the test, or fails the test if the environment contains CI=true. */
    static RuntimeException in(Map<String, String> environment, String message) {
        return "true".equals(environment.get("CI"))
                ? new MissingTool(message + " (with CI=true this test must not be skipped)")
                : new TestAbortedException(message);
    }

    /** Finds a tool in this process's environment. Prints why a test is skipped, because Maven does not print it. */
    static Path required(Function<Map<String, String>, Path> tool) {
        try {
            return tool.apply(System.getenv());
        } catch (TestAbortedException e) {
            System.err.println("Skipped: " + e.getMessage());
            throw e;
        }
    }
}
