package io.zoetrope.outside;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.Pattern;

/** Reads the code blocks of README.md. */
final class Readme {
    private static final Pattern BLOCK = Pattern.compile("^```(\\w*)\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

    private Readme() {}

    /** Returns the code blocks of a language below a heading. Blocks of commands have the language "". */
    static List<String> blocks(String heading, String language) throws IOException {
        String readme = Files.readString(Repository.file("README.md"));
        int start = readme.indexOf("\n## " + heading + "\n") + 1;
        String section = readme.substring(start, readme.indexOf("\n## ", start));
        return BLOCK.matcher(section)
                .results()
                .filter(block -> block.group(1).equals(language))
                .map(block -> block.group(2))
                .toList();
    }
}
