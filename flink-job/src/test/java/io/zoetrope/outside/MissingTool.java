package io.zoetrope.outside;

import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;
import org.opentest4j.TestAbortedException;

/** A test cannot run here. On somebody's own machine that is no fault of the code, in CI it is one of the machine. */
final class MissingTool extends RuntimeException {
    private MissingTool(String message) {
        super(message);
    }

    /** What the test throws to be skipped, or to fail where the environment has CI=true. */
    static RuntimeException in(Map<String, String> environment, String message) {
        return "true".equals(environment.get("CI"))
                ? new MissingTool(message + " (CI=true: this test may not be skipped)")
                : new TestAbortedException(message);
    }

    /** Looks in this process's environment; says why a test is skipped, for Maven tells only that it was. */
    static Path required(Function<Map<String, String>, Path> tool) {
        try {
            return tool.apply(System.getenv());
        } catch (TestAbortedException e) {
            System.err.println("Skipped: " + e.getMessage());
            throw e;
        }
    }
}
