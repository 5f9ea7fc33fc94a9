package io.zoetrope.config;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Reads options written as {@code --key value} or {@code --key=value}. A key may have the prefix {@code zoetrope.}. */
final class ConfigArguments {
    private ConfigArguments() {}

    /** Returns the settings in their order, and adds an entry to {@code problems} for each argument in another form. */
    static List<Setting> read(List<String> arguments, List<String> problems) {
        List<Setting> settings = new ArrayList<>();
        Iterator<String> rest = arguments.iterator();
        while (rest.hasNext()) {
            String argument = rest.next();
            if (!argument.startsWith("--") || argument.length() == 2) {
                problems.add(stray(argument, settings));
                continue;
            }
            int equals = argument.indexOf('=');
            String name = equals < 0 ? argument.substring(2) : argument.substring(2, equals);
            String key = name.startsWith("zoetrope.") ? name.substring("zoetrope.".length()) : name;
            if (equals >= 0) {
                settings.add(new Setting(key, argument.substring(equals + 1), "--" + name));
            } else if (rest.hasNext()) {
                settings.add(new Setting(key, rest.next(), "--" + name));
            } else {
                problems.add("--" + name + ": expected a value after it");
            }
        }
        return settings;
    }

    /** An argument after a Kafka setting may be a part of its value, and secret: it is not printed. */
    private static String stray(String argument, List<Setting> before) {
        String last = before.isEmpty() ? "" : before.get(before.size() - 1).key();
        return last.startsWith(JobConfig.KAFKA_PREFIX)
                ? "an argument after --" + last + ": expected an option; put a value with spaces into quotes"
                : "\"" + argument + "\": expected an option, in the form --key value";
    }
}
