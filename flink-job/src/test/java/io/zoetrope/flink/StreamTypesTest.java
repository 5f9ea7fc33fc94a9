package io.zoetrope.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.java.typeutils.PojoTypeInfo;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that Flink's own serializers, and never Kryo, write the elements of streams and state. */
class StreamTypesTest {
    @ParameterizedTest
    @ValueSource(
            classes = {
                KafkaEvent.class,
                KafkaAnswer.class,
                KafkaHeader.class,
                KeptAnswers.class,
                KeptAnswer.class,
                TopicEnd.class
            })
    void noFieldFallsBackToKryo(Class<?> type) {
        assertThat(TypeInformation.of(type)).isInstanceOf(PojoTypeInfo.class);
        assertThat(serializer(type)).isNotNull();
    }

    @Test
    void aTypeThatFallsBackToKryoIsCaught() {
        assertThatThrownBy(() -> serializer(Planted.class))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("Generic types have been disabled");
    }

    @Test
    void anEventWithAndWithoutKeyAndValueReadsBack() throws IOException {
        for (KafkaEvent event : List.of(
                new KafkaEvent(
                        "t",
                        3,
                        42,
                        new byte[] {1},
                        new byte[] {2, 3},
                        List.of(new KafkaHeader("a", new byte[] {-1})),
                        "request-1"),
                new KafkaEvent("t", 0, 0, new byte[] {65}, null, List.of(), null))) {
            assertThat(copied(KafkaEvent.class, event))
                    .usingRecursiveComparison()
                    .isEqualTo(event);
        }
    }

    @Test
    void anAnswerWithAndWithoutKeyAndHeadersReadsBack() throws IOException {
        for (KafkaAnswer answer : List.of(
                new KafkaAnswer(
                        KafkaAnswer.Kind.FAILURE, new byte[] {1}, new byte[] {2}, List.of(KafkaHeader.of("a", "b"))),
                new KafkaAnswer(KafkaAnswer.Kind.VIDEO, null, new byte[0], List.of()))) {
            assertThat(copied(KafkaAnswer.class, answer))
                    .usingRecursiveComparison()
                    .isEqualTo(answer);
        }
    }

    @Test
    void anEventFromStateWithoutTraceIsRead() throws IOException {
        KafkaEvent event = restored("event-without-trace.bin");

        assertThat(event.trace()).isEmpty();
        assertThat(event)
                .usingRecursiveComparison()
                .ignoringFields("trace", "requestId")
                .isEqualTo(new KafkaEvent("t", 3, 42, new byte[] {1}, new byte[] {2, 3}, List.of(), null));
    }

    @Test
    void anEventFromStateWithoutRequestIdIsRead() throws IOException {
        KafkaEvent event = restored("event-without-request-id.bin");

        assertThat(event.requestId()).isEqualTo("request-1");
        assertThat(event.trace()).hasSize(1);
        assertThat(event.value()).isEqualTo(Events.value("request-1"));
    }

    /** Reads an event from a file that holds the serializer of an earlier job and an event as that job wrote it. */
    private static KafkaEvent restored(String file) throws IOException {
        DataInputDeserializer in =
                new DataInputDeserializer(Objects.requireNonNull(StreamTypesTest.class.getResourceAsStream(file))
                        .readAllBytes());
        TypeSerializerSnapshot<KafkaEvent> before =
                TypeSerializerSnapshot.readVersionedSnapshot(in, StreamTypesTest.class.getClassLoader());

        assertThat(serializer(KafkaEvent.class)
                        .snapshotConfiguration()
                        .resolveSchemaCompatibility(before)
                        .isCompatibleAfterMigration())
                .isTrue();
        return before.restoreSerializer().deserialize(in);
    }

    private static <T> T copied(Class<T> type, T value) throws IOException {
        TypeSerializer<T> serializer = serializer(type);
        DataOutputSerializer out = new DataOutputSerializer(64);
        serializer.serialize(value, out);
        return serializer.deserialize(new DataInputDeserializer(out.getCopyOfBuffer()));
    }

    private static <T> TypeSerializer<T> serializer(Class<T> type) {
        SerializerConfigImpl config = new SerializerConfigImpl();
        config.setGenericTypes(false);
        return TypeInformation.of(type).createSerializer(config);
    }

    private record Planted(Object anything) {}
}
