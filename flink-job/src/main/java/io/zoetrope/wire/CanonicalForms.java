package io.zoetrope.wire;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;

/**
 * The texts that Avro libraries take for the parsing canonical form of one schema.
 *
 * <p>The specification reduces a type with a logical type to its name: {@code "long"}. Some libraries do not: goavro
 * 2.10 and Apache Avro for Python 1.11 write {@code {"type":"long"}}, and hamba/avro writes
 * {@code {"type":"long","logicalType":"timestamp-millis"}}. Their fingerprints differ, and their records do not. So
 * every combination of the three counts as the schema.
 */
final class CanonicalForms {
    private final Set<String> named = new HashSet<>();

    private CanonicalForms() {}

    /** Returns the fingerprints of a schema: first the one of the specification, then those of the other forms. */
    static List<Long> fingerprints(Schema schema) {
        return of(schema).stream()
                .map(form -> SchemaNormalization.fingerprint64(form.getBytes(StandardCharsets.UTF_8)))
                .toList();
    }

    /** Returns the forms of a schema: first the one of the specification. */
    static List<String> of(Schema schema) {
        return new CanonicalForms().forms(schema);
    }

    private List<String> forms(Schema schema) {
        return switch (schema.getType()) {
            case RECORD -> record(schema);
            case UNION -> around("[", join(schema.getTypes().stream().map(this::forms)), "]");
            case MAP -> around("{\"type\":\"map\",\"values\":", forms(schema.getValueType()), "}");
            case STRING, BYTES, LONG, INT, BOOLEAN, NULL -> primitive(schema);
            default ->
                throw new IllegalStateException("the type " + schema.getType()
                        + " is not supported; add it to CanonicalForms before a schema uses it");
        };
    }

    private static List<String> primitive(Schema schema) {
        String name = "\"" + schema.getName() + "\"";
        String logicalType = schema.getProp("logicalType");
        if (logicalType == null) {
            return List.of(name);
        }
        return List.of(
                name, "{\"type\":" + name + "}", "{\"type\":" + name + ",\"logicalType\":\"" + logicalType + "\"}");
    }

    private List<String> record(Schema schema) {
        String name = "\"" + schema.getFullName() + "\"";
        if (!named.add(name)) {
            return List.of(name);
        }
        List<String> fields = join(schema.getFields().stream()
                .map(field -> around("{\"name\":\"" + field.name() + "\",\"type\":", forms(field.schema()), "}")));
        return around("{\"name\":" + name + ",\"type\":\"record\",\"fields\":[", fields, "]}");
    }

    private static List<String> around(String before, List<String> forms, String after) {
        return forms.stream().map(form -> before + form + after).toList();
    }

    /** Returns every combination of the parts' forms, separated by commas. */
    private static List<String> join(Stream<List<String>> parts) {
        List<String> joined = List.of("");
        for (List<String> forms : parts.toList()) {
            List<String> longer = new ArrayList<>();
            for (String start : joined) {
                for (String form : forms) {
                    longer.add(start.isEmpty() ? form : start + "," + form);
                }
            }
            joined = longer;
        }
        return joined;
    }
}
