package io.zoetrope.config;

import java.util.List;

/** Creates the table of all options in docs/configuration.md. A test checks that the document contains it. */
final class OptionsTable {
    private OptionsTable() {}

    /** Returns a Markdown table with one row per option. */
    static String markdown(List<Option<?>> options) {
        StringBuilder table = new StringBuilder("| option | type | default | meaning |\n|---|---|---|---|\n");
        for (Option<?> option : options) {
            String value = option.defaultText() == null ? "must be given" : "`" + option.defaultText() + "`";
            table.append("| `%s` | %s | %s | %s |%n"
                    .formatted(option.key(), option.type().name(), value, option.description()));
        }
        return table.toString();
    }
}
