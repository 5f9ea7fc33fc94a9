package io.zoetrope.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.JsonProperties;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Tests what a reader of the schemas relies on: every field has a description, and every default is as documented. */
class SchemaTest {
    @Test
    void everyRecordAndFieldHasASentenceOfDocumentation() {
        List<String> undocumented = schemas().stream()
                .flatMap(schema -> undocumented(schema).stream())
                .toList();

        assertThat(undocumented).isEmpty();
    }

    @Test
    void aFieldWithoutDocumentationIsFoundAtAnyDepth() {
        Schema nested = SchemaBuilder.record("Nested")
                .doc("A record.")
                .fields()
                .requiredInt("undocumented")
                .endRecord();
        Schema schema = SchemaBuilder.record("Outer")
                .doc("A record.")
                .fields()
                .name("inner")
                .doc("A nested record.")
                .type(nested)
                .noDefault()
                .endRecord();

        assertThat(undocumented(schema)).containsExactly("Nested.undocumented");
    }

    @Test
    void everyDefaultIsTheDocumentedOne() {
        Map<String, Object> defaults = new LinkedHashMap<>();
        for (Schema schema : schemas()) {
            for (Schema.Field field : schema.getFields()) {
                if (field.hasDefaultValue()) {
                    defaults.put(schema.getName() + "." + field.name(), field.defaultVal());
                }
            }
        }

        assertThat(defaults)
                .containsOnly(
                        Map.entry("PromptEvent.seed", JsonProperties.NULL_VALUE),
                        Map.entry("PromptEvent.model", JsonProperties.NULL_VALUE),
                        Map.entry("PromptEvent.steps", 0),
                        Map.entry("PromptEvent.width", JsonProperties.NULL_VALUE),
                        Map.entry("PromptEvent.height", JsonProperties.NULL_VALUE),
                        Map.entry("PromptEvent.frames", JsonProperties.NULL_VALUE),
                        Map.entry("PromptEvent.first_frame", JsonProperties.NULL_VALUE),
                        Map.entry("PromptEvent.deadline", JsonProperties.NULL_VALUE),
                        Map.entry("PromptEvent.labels", Map.of()),
                        Map.entry("VideoSegment.payload", JsonProperties.NULL_VALUE),
                        Map.entry("VideoSegment.payload_uri", JsonProperties.NULL_VALUE),
                        Map.entry("VideoSegment.labels", Map.of()),
                        Map.entry("VideoSegment.seed_text", ""),
                        Map.entry("FailedPrompt.request_id", JsonProperties.NULL_VALUE),
                        Map.entry("FailedPrompt.key", JsonProperties.NULL_VALUE),
                        Map.entry("FailedPrompt.value", JsonProperties.NULL_VALUE),
                        Map.entry("FailedPrompt.labels", Map.of()));
    }

    @Test
    void everyFieldThatMayBeNullIsNullByDefault() {
        for (Schema schema : schemas()) {
            for (Schema.Field field : schema.getFields()) {
                if (field.schema().isNullable()) {
                    assertThat(field.defaultVal())
                            .as("%s.%s", schema.getName(), field.name())
                            .isEqualTo(JsonProperties.NULL_VALUE);
                }
            }
        }
    }

    @Test
    void anEventNeedsOnlyAnIdAPromptAndATime() {
        Instant now = Instant.ofEpochMilli(1);

        PromptEvent event = PromptEvent.newBuilder()
                .setRequestId("r-1")
                .setPrompt("a red circle")
                .setCreatedAt(now)
                .build();

        assertThat(event.getSteps()).isEqualTo(0);
        assertThat(event.getLabels()).isEmpty();
        assertThat(event.getSeed()).isNull();
        assertThat(event.getCreatedAt()).isEqualTo(now);
    }

    private static List<Schema> schemas() {
        return Samples.all().stream().map(SpecificRecord::getSchema).toList();
    }

    private static List<String> undocumented(Schema schema) {
        var names = new ArrayList<String>();
        if (!isSentence(schema.getDoc())) {
            names.add(schema.getName());
        }
        for (Schema.Field field : schema.getFields()) {
            if (!isSentence(field.doc())) {
                names.add(schema.getName() + "." + field.name());
            }
            if (field.schema().getType() == Schema.Type.RECORD) {
                names.addAll(undocumented(field.schema()));
            }
        }
        return names;
    }

    private static boolean isSentence(@Nullable String doc) {
        return doc != null && doc.matches("[A-Z].* .*\\.");
    }
}
