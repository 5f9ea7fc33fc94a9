package io.zoetrope.config;

import java.util.List;

/** An error in the options. The message lists every problem, one per line, each with its fact, values and remedy. */
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Creates the error from its problems, one sentence each. */
    public ConfigException(List<String> problems) {
        super(message(problems));
    }

    private static String message(List<String> problems) {
        String title = problems.size() == 1 ? "The options have a problem:" : "The options have problems:";
        return title + "\n  - " + String.join("\n  - ", problems);
    }
}
