package io.zoetrope.kafka;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.internals.Topic;

/** Reads a catalog from YAML: a map from topic names to settings, which have Kafka's names. */
final class TopicsFile {
    /** Settings are two maps deep; the parser's time is quadratic in the depth. */
    private static final YAMLMapper YAML = YAMLMapper.builder(YAMLFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(20).build())
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /** Names of the parser's classes in its messages: {@code , got this instead: <org.yaml.snakeyaml...>}. */
    private static final Pattern CLASS_NAMES = Pattern.compile(", got this instead: <org\\.yaml\\..*>|, from `[^`]*`");

    private static final Pattern NOT_UTF_8 = Pattern.compile("^java\\.\\S*(Malformed|Conversion)\\S*: .*");

    private TopicsFile() {}

    /**
     * Parses the YAML text of a topics file.
     *
     * @param file the file's name, for error messages
     * @throws TopicCatalogException if the file is invalid; the message lists all faults
     */
    static TopicCatalog parse(String file, InputStream yaml) throws IOException {
        JsonNode root = tree(file, yaml);
        if (!root.isObject() || root.isEmpty()) {
            throw new TopicCatalogException(
                    file, List.of("expected a map from topic names to settings, got " + describe(root)));
        }
        var faults = new ArrayList<String>();
        var topics = new ArrayList<TopicSpec>();
        root.properties().forEach(topic -> {
            checkName(topic.getKey(), faults);
            new TopicFields(topic.getKey(), topic.getValue(), faults).read().ifPresent(topics::add);
        });
        if (!faults.isEmpty()) {
            throw new TopicCatalogException(file, faults);
        }
        return new TopicCatalog(topics);
    }

    /** Describes an unexpected value in a few words, for an error message. */
    static String describe(JsonNode node) {
        if (node.isMissingNode() || node.isNull()) {
            return "nothing";
        }
        if (node.isContainerNode()) {
            return node.isArray() ? "a list" : "a map";
        }
        return "\"" + node.asText() + "\"";
    }

    private static JsonNode tree(String file, InputStream yaml) throws IOException {
        try {
            return YAML.readTree(yaml);
        } catch (JsonProcessingException e) {
            var place = e.getLocation();
            throw new TopicCatalogException(
                    file,
                    List.of("line " + (place == null ? "?" : place.getLineNr()) + ": invalid YAML: "
                            + CLASS_NAMES
                                    .matcher(NOT_UTF_8
                                            .matcher(e.getOriginalMessage())
                                            .replaceFirst("the text is not UTF-8"))
                                    .replaceAll("")
                                    .replaceAll("\\s+", " ")));
        }
    }

    private static void checkName(String name, List<String> faults) {
        try {
            Topic.validate(name);
        } catch (InvalidTopicException e) {
            faults.add(name + ": Kafka does not accept this topic name (" + e.getMessage() + "); choose another name");
        }
    }
}
