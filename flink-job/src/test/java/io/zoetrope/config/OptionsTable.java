package io.zoetrope.config;

/** The table of all options in docs/configuration.md; a test holds the two together. */
final class OptionsTable {
    private OptionsTable() {}

    /** A Markdown table, one line an option. */
    static String markdown() {
        StringBuilder table = new StringBuilder("| option | type | default | meaning |\n|---|---|---|---|\n");
        for (Option<?> option : JobOptions.all()) {
            String value = option.defaultText() == null ? "must be given" : "`" + option.defaultText() + "`";
            table.append("| `%s` | %s | %s | %s |%n"
                    .formatted(option.key(), option.type().name(), value, option.description()));
        }
        return table.toString();
    }
}
