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

    /** Reads text that follows a rule. */
    String text(String name, TextRule rule) {
        return text(name, rule::accepts, rule.expected());
    }

    /**
     * Reads text that satisfies a condition.
     *
     * @param expected the condition in words, for the fault
     */
    String text(String name, Predicate<String> condition, String expected) {
        JsonNode value = field(name);
        if (value.isTextual() && condition.test(value.asText())) {
            return value.asText();
        }
        fault(name, expected, value);
        return "";
    }

    /** Reads a list of the given number of texts. */
    List<String> texts(String name, int count) {
        List<String> texts = list(name, "a list of names", Fields::isName).stream()
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

    /** Reads a whole number; the lowest of the range if it is not one. */
    int whole(String name, Range range) {
        JsonNode value = field(name);
        if (isWhole(value, range)) {
            return value.asInt();
        }
        fault(name, "a whole number " + range, value);
        return range.min();
    }

    List<Integer> wholes(String name, Range range) {
        return list(name, "a list of whole numbers " + range, value -> isWhole(value, range)).stream()
                .map(JsonNode::asInt)
                .toList();
    }

    private static boolean isWhole(JsonNode value, Range range) {
        return value.isIntegralNumber() && value.canConvertToLong() && range.contains(value.asLong());
    }

    private static boolean isName(JsonNode value) {
        return value.isTextual() && TextRule.NAME.accepts(value.asText());
    }

    /** Returns whether the value is a number that is finite in float32, the arithmetic of the job. */
    private static boolean isFinite(JsonNode value) {
        return value.isNumber() && Float.isFinite((float) value.asDouble());
    }

    /**
     * Reads a number that other fields determine.
     *
     * @param rule how they determine it, for the fault
     */
    int whole(String name, Range range, String rule, int expected) {
        int faultsBefore = faults.size();
        int value = whole(name, range);
        if (faults.size() == faultsBefore && value != expected) {
            fault(name, rule + " = " + expected);
        }
        return value;
    }

    List<Double> numbers(String name) {
        return list(name, "a list of numbers that are finite in float32", Fields::isFinite).stream()
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

    /** Reads whole numbers by name. */
    Map<String, Integer> wholesByName(String name, Range range) {
        return object(name, fields -> {
            Map<String, Integer> read = new LinkedHashMap<>();
            fields.node.fieldNames().forEachRemaining(key -> read.put(key, fields.whole(key, range)));
            fields.refuseKeysThatAreNotNames();
            return read;
        });
    }

    /** Reads the axes of a shape: symbols or whole numbers. */
    List<String> axes(String name) {
        return list(name, "a list of symbols and of sizes " + Range.AXIS, Fields::isAxis).stream()
                .map(JsonNode::asText)
                .toList();
    }

    private static boolean isAxis(JsonNode axis) {
        return isWhole(axis, Range.AXIS)
                || (isName(axis) && !Character.isDigit(axis.asText().charAt(0)));
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
            fields.refuseKeysThatAreNotNames();
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
            if (isFinite(value) && TextRule.LINE.accepts(name)) {
                read.put(name, value.asDouble());
            } else {
                fault(name, "a number that is finite in float32", value);
            }
        });
        return read;
    }

    private void refuseKeysThatAreNotNames() {
        node.fieldNames().forEachRemaining(key -> {
            if (!TextRule.NAME.accepts(key)) {
                faults.add(Manifest.FILE + ": " + path(key) + ": expected " + TextRule.NAME.expected());
            }
        });
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
