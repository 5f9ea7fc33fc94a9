package io.zoetrope.config;

import java.util.List;

/** Options that cannot be used. The message lists every problem, each with its fact, values and remedy. */
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<String> problems;

    public ConfigException(List<String> problems) {
        super(message(problems));
        this.problems = List.copyOf(problems);
    }

    /** The problems, one sentence each. */
    public List<String> problems() {
        return problems;
    }

    private static String message(List<String> problems) {
        String title = problems.size() == 1 ? "The options have a problem:" : "The options have problems:";
        return title + "\n  - " + String.join("\n  - ", problems);
    }
}
