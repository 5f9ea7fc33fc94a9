package io.zoetrope.kafka;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.internals.Topic;

/** Reads a catalog from YAML: the topics' names, and below each its settings under Kafka's names. */
final class TopicsFile {
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private TopicsFile() {}

    /** @throws TopicCatalogException with all faults at once */
    static TopicCatalog parse(String file, InputStream yaml) throws IOException {
        JsonNode root = tree(file, yaml);
        if (!root.isObject() || root.isEmpty()) {
            throw new TopicCatalogException(
                    file, List.of("expected topic names, each with its settings below it, got " + described(root)));
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

    /** What stands where something else was expected, short enough for a message. */
    static String described(JsonNode node) {
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
                    List.of("line " + (place == null ? "?" : place.getLineNr()) + ": expected YAML; "
                            + e.getOriginalMessage().replaceAll("\\s+", " ")));
        }
    }

    private static void checkName(String name, List<String> faults) {
        try {
            Topic.validate(name);
        } catch (InvalidTopicException e) {
            faults.add(name + ": Kafka takes no topic of this name (" + e.getMessage() + "); choose another");
        }
    }
}
