package io.zoetrope.outside;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The schema of a Kubernetes resource, as a CustomResourceDefinition has it. It checks what the API server checks with
 * {@code --validate=strict}: types, enumerations, patterns, minima, required fields, and fields that do not exist.
 */
record CrdSchema(JsonNode schema) {
    /** Returns each fault of a value with the path to it. */
    List<String> faults(JsonNode value) {
        List<String> faults = new ArrayList<>();
        check("", value, schema, faults);
        return faults;
    }

    private static void check(String path, JsonNode value, JsonNode schema, List<String> faults) {
        if (!hasType(value, schema)) {
            faults.add(path + ": expected " + schema.path("type").asText("a number or a string") + ", got " + value);
            return;
        }
        if (schema.has("pattern")
                && !Pattern.compile(schema.get("pattern").asText())
                        .matcher(value.asText())
                        .find()) {
            faults.add(path + ": " + value + " does not match "
                    + schema.get("pattern").asText());
        }
        if (schema.has("minimum") && value.asDouble() < schema.get("minimum").asDouble()) {
            faults.add(path + ": " + value + " is less than "
                    + schema.get("minimum").asText());
        }
        if (schema.has("enum") && !contains(schema.get("enum"), value)) {
            faults.add(path + ": " + value + " is not one of " + schema.get("enum"));
        }
        for (JsonNode name : schema.path("required")) {
            if (!value.has(name.asText())) {
                faults.add(path + ": " + name.asText() + " is missing");
            }
        }
        if (value.isArray()) {
            for (int i = 0; i < value.size(); i++) {
                check(path + "/" + i, value.get(i), schema.path("items"), faults);
            }
        }
        for (Map.Entry<String, JsonNode> field : value.properties()) {
            String inner = path + "/" + field.getKey();
            JsonNode known = schema.path("properties").path(field.getKey());
            if (!known.isMissingNode()) {
                check(inner, field.getValue(), known, faults);
            } else if (schema.has("additionalProperties")) {
                check(inner, field.getValue(), schema.get("additionalProperties"), faults);
            } else if (!schema.path("x-kubernetes-preserve-unknown-fields").asBoolean()) {
                faults.add(inner + ": there is no such field");
            }
        }
    }

    private static boolean hasType(JsonNode value, JsonNode schema) {
        if (schema.path("x-kubernetes-int-or-string").asBoolean()) {
            return value.isTextual() || value.isIntegralNumber();
        }
        return switch (schema.path("type").asText()) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "string" -> value.isTextual();
            case "boolean" -> value.isBoolean();
            case "integer" -> value.isIntegralNumber();
            case "number" -> value.isNumber();
            default -> true;
        };
    }

    private static boolean contains(JsonNode values, JsonNode wanted) {
        for (JsonNode value : values) {
            if (value.equals(wanted)) {
                return true;
            }
        }
        return false;
    }
}
