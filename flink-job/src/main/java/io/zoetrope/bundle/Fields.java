package io.zoetrope.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A JSON object that is read field by field. A wrong field adds a fault to a list, and reading continues with a
 * placeholder, so that one pass finds all faults. A field that the reader does not read is a fault too.
 */
final class Fields {
    private final String path;
    private final JsonNode node;
    private final List<String> faults;
    /** The names of the fields that have been read. */
    private final Set<String> fieldsRead = new TreeSet<>();

    private Fields(String path, JsonNode node, List<String> faults) {
        this.path = path;
        this.node = node;
        this.faults = faults;
    }

    /** Reads a whole document. */
    static <T> T read(JsonNode document, List<String> faults, Function<Fields, T> reader) {
        return object("", document, faults, reader);
    }

    String text(String name) {
        return text(name, value -> true, "text");
    }

    /**
     * Reads text that satisfies a rule.
     *
     * @param expected the rule in words, for the fault
     */
    String text(String name, Predicate<String> rule, String expected) {
        JsonNode value = field(name);
        if (value.isTextual() && !value.asText().isBlank() && rule.test(value.asText())) {
            return value.asText();
        }
        fault(name, expected, value);
        return "";
    }

    /** Reads text that may be empty. */
    String textOrEmpty(String name) {
        JsonNode value = field(name);
        if (!value.isTextual()) {
            fault(name, "text", value);
        }
        return value.asText();
    }

    /** Reads a list of the given number of texts. */
    List<String> texts(String name, int count) {
        List<String> texts = list(name, "a list of names", JsonNode::isTextual).stream()
                .map(JsonNode::asText)
                .toList();
        if (!texts.isEmpty() && texts.size() != count) {
            fault(name, count + " names");
        }
        return texts;
    }

    /** Returns whether the object has a field. */
    boolean has(String name) {
        return !field(name).isMissingNode();
    }

    int positive(String name) {
        JsonNode value = field(name);
        if (isPositive(value)) {
            return value.asInt();
        }
        fault(name, "a whole number of at least 1", value);
        return 1;
    }

    List<Integer> positives(String name) {
        return list(name, "a list of whole numbers of at least 1", Fields::isPositive).stream()
                .map(JsonNode::asInt)
                .toList();
    }

    private static boolean isPositive(JsonNode value) {
        return value.isIntegralNumber() && value.canConvertToInt() && value.asInt() > 0;
    }

    /**
     * Reads a number that other fields determine.
     *
     * @param rule how they determine it, for the fault
     */
    int positive(String name, String rule, int expected) {
        int faultsBefore = faults.size();
        int value = positive(name);
        if (faults.size() == faultsBefore && value != expected) {
            fault(name, rule + " = " + expected);
        }
        return value;
    }

    List<Double> numbers(String name) {
        return list(name, "a list of numbers", JsonNode::isNumber).stream()
                .map(JsonNode::asDouble)
                .toList();
    }

    /** Reads a list of the given number of numbers. */
    List<Double> numbers(String name, int count) {
        List<Double> numbers = numbers(name);
        if (!numbers.isEmpty() && numbers.size() != count) {
            fault(name, count + " numbers");
        }
        return numbers;
    }

    Map<String, Double> numbersByName(String name) {
        return object(name, Fields::allNumbers);
    }

    /** Reads the axes of a shape: symbols or whole numbers. */
    List<String> axes(String name) {
        return list(name, "a list of sizes and symbols", axis -> axis.isTextual() || axis.isIntegralNumber()).stream()
                .map(JsonNode::asText)
                .toList();
    }

    <T> T object(String name, Function<Fields, T> reader) {
        return object(path(name), field(name), faults, reader);
    }

    /** Reads an object; empty if the field is missing. */
    <T> Optional<T> optionalObject(String name, Function<Fields, T> reader) {
        return field(name).isMissingNode() ? Optional.empty() : Optional.of(object(name, reader));
    }

    <T> List<T> objects(String name, Function<Fields, T> reader) {
        List<JsonNode> items = list(name, "a list of objects", JsonNode::isObject);
        List<T> read = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            read.add(object(path(name) + "[" + i + "]", items.get(i), faults, reader));
        }
        return read;
    }

    <T> Map<String, T> objectsByName(String name, Function<Fields, T> reader) {
        return object(name, fields -> {
            Map<String, T> read = new LinkedHashMap<>();
            fields.node.fieldNames().forEachRemaining(key -> read.put(key, fields.object(key, reader)));
            return read;
        });
    }

    private static <T> T object(String path, JsonNode node, List<String> faults, Function<Fields, T> reader) {
        if (!node.isObject()) {
            faults.add(message(path, "an object", node));
            // The missing fields of the placeholder are not faults of the document.
            return reader.apply(new Fields(path, MissingNode.getInstance(), new ArrayList<>()));
        }
        Fields fields = new Fields(path, node, faults);
        T read = reader.apply(fields);
        fields.refuseUnknown();
        return read;
    }

    private Map<String, Double> allNumbers() {
        Map<String, Double> read = new LinkedHashMap<>();
        node.fieldNames().forEachRemaining(name -> {
            JsonNode value = field(name);
            if (value.isNumber()) {
                read.put(name, value.asDouble());
            } else {
                fault(name, "a number", value);
            }
        });
        return read;
    }

    private List<JsonNode> list(String name, String expected, Predicate<JsonNode> rule) {
        JsonNode value = field(name);
        List<JsonNode> items = new ArrayList<>();
        value.elements().forEachRemaining(items::add);
        if (value.isArray() && items.stream().allMatch(rule)) {
            return items;
        }
        fault(name, expected, value);
        return List.of();
    }

    private JsonNode field(String name) {
        fieldsRead.add(name);
        return node.path(name);
    }

    private void refuseUnknown() {
        node.fieldNames().forEachRemaining(name -> {
            if (!fieldsRead.contains(name)) {
                faults.add(Manifest.FILE + ": " + path(name) + ": unknown field; expected one of " + fieldsRead);
            }
        });
    }

    /** Adds the fault that a field that was read does not have the expected value. */
    void fault(String name, String expected) {
        fault(name, expected, field(name));
    }

    private void fault(String name, String expected, JsonNode value) {
        faults.add(message(path(name), expected, value));
    }

    private static String message(String path, String expected, JsonNode value) {
        return Manifest.FILE + ": " + (path.isEmpty() ? "" : path + ": ") + "expected " + expected + ", "
                + (value.isMissingNode() ? "it is missing" : "got " + shortened(value.toString()));
    }

    private static String shortened(String json) {
        return json.length() <= 80 ? json : json.substring(0, 77) + "...";
    }

    private String path(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }
}
