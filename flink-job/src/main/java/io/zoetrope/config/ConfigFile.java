package io.zoetrope.config;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads options from a YAML file:
 *
 * <pre>
 * zoetrope:
 *   encoder: vp9
 *   checkpoint-interval: 200 ms
 * </pre>
 */
final class ConfigFile {
    private static final String ROOT = "zoetrope";
    private static final String EXPECTED = "expected options as \"key: value\" below \"" + ROOT + ":\"";

    /** Names of the parser's classes in its messages: {@code , got this instead: <org.yaml.snakeyaml...>}. */
    private static final Pattern CLASS_NAMES = Pattern.compile(", got this instead: <org\\.yaml\\..*>|, from `[^`]*`");

    /** Options are two maps deep; the parser's time is quadratic in the depth. */
    private static final YAMLFactory YAML = YAMLFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(20).build())
            .build();

    private static final Pattern NOT_UTF_8 = Pattern.compile("^java\\.\\S*(Malformed|Conversion)\\S*: .*");

    private final Path path;
    private final List<String> problems;
    private final List<Setting> settings = new ArrayList<>();
    private final Set<String> keys = new HashSet<>();

    private ConfigFile(Path path, List<String> problems) {
        this.path = path;
        this.problems = problems;
    }

    /** Returns the settings of the file in their order, and adds an entry to {@code problems} for each error. */
    static List<Setting> read(Path path, List<String> problems) {
        ConfigFile file = new ConfigFile(path, problems);
        try (JsonParser parser = YAML.createParser(Files.newBufferedReader(path))) {
            file.root(parser);
        } catch (JsonProcessingException e) {
            JsonLocation place = e.getLocation(); // null if a limit of the parser is exceeded
            problems.add(path + (place == null ? "" : " line " + place.getLineNr()) + ": expected YAML; "
                    + CLASS_NAMES
                            .matcher(NOT_UTF_8.matcher(e.getOriginalMessage()).replaceFirst("the text is not UTF-8"))
                            .replaceAll("")
                            .replaceAll("\\s+", " "));
        } catch (NoSuchFileException e) {
            problems.add(
                    path + ": cannot be read, there is no such file; give an existing file, or leave out --config");
        } catch (IOException e) {
            problems.add(path + ": cannot be read (" + e + "); give another file, or leave out --config");
        }
        return file.settings;
    }

    private void root(JsonParser parser) throws IOException {
        JsonToken token = parser.nextToken();
        if (token == null) {
            return;
        }
        if (token != JsonToken.START_OBJECT) {
            problems.add(location(parser) + ": " + EXPECTED);
            return;
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            String location = location(parser);
            if (name.equals(ROOT) && parser.nextToken() == JsonToken.START_OBJECT) {
                options(parser);
            } else {
                problems.add(location + ": " + EXPECTED + ", found \"" + name + "\"");
                parser.skipChildren();
                skipValue(parser);
            }
        }
    }

    private void options(JsonParser parser) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            String location = location(parser);
            JsonToken token = parser.nextToken();
            if (!keys.add(key)) {
                problems.add(location + ": " + key + " is in the file twice; remove one");
                parser.skipChildren();
            } else if (isValue(token)) {
                settings.add(new Setting(key, parser.getText(), location));
            } else if (token == JsonToken.START_ARRAY && isRepeatable(key)) {
                list(key, parser);
            } else {
                problems.add(location + ": expected one value for " + key);
                parser.skipChildren();
            }
        }
    }

    private void list(String key, JsonParser parser) throws IOException {
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (isValue(parser.currentToken())) {
                settings.add(new Setting(key, parser.getText(), location(parser)));
            } else {
                problems.add(location(parser) + ": expected a list of values for " + key
                        + ", found another list or map in it; write each value as one text");
                parser.skipChildren();
            }
        }
    }

    private static boolean isValue(JsonToken token) {
        return token.isScalarValue() && token != JsonToken.VALUE_NULL;
    }

    private static boolean isRepeatable(String key) {
        return JobOptions.all().stream()
                .anyMatch(option -> option.key().equals(key) && option.type().isRepeatable());
    }

    private static void skipValue(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.FIELD_NAME) {
            parser.nextToken();
            parser.skipChildren();
        }
    }

    private String location(JsonParser parser) {
        return path + " line " + parser.currentTokenLocation().getLineNr();
    }
}
