package io.zoetrope.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.AvroTypeException;
import org.apache.avro.JsonProperties;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.message.MissingSchemaException;
import org.apache.avro.message.SchemaStore;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests that an optional field can be added to a record while readers and writers of the first version still run. */
class EvolutionTest {
    private static final String ADDED = "added_later";

    @BeforeAll
    static void registerRecords() {
        TrustedRecords.register();
    }

    static List<SpecificRecord> samples() {
        return Samples.all();
    }

    @ParameterizedTest
    @MethodSource("samples")
    void aReaderOfTheFirstVersionSkipsAnAddedOptionalField(SpecificRecord sample) throws IOException {
        Schema grown = withOptionalField(sample.getSchema());
        GenericRecord written = copyInto(grown, sample);
        written.put(ADDED, "new");

        Object read = readSpecific(write(grown, written), sample.getSchema(), grown);

        assertThat(read).isInstanceOf(sample.getClass()).isEqualTo(sample);
    }

    @ParameterizedTest
    @MethodSource("samples")
    void aRecordOfTheFirstVersionIsReadWithTheAddedFieldAtItsDefault(SpecificRecord sample) throws IOException {
        Schema grown = withOptionalField(sample.getSchema());

        GenericRecord read = readGeneric(writeSpecific(sample), grown, sample.getSchema());

        GenericRecord expected = copyInto(grown, sample);
        assertThat(read).isEqualTo(expected);
        assertThat(read.get(ADDED)).isNull();
    }

    @ParameterizedTest
    @MethodSource("samples")
    void aMandatoryFieldBreaksTheReaderOfOldRecords(SpecificRecord sample) throws IOException {
        Schema grown = withField(sample.getSchema(), new Schema.Field(ADDED, Schema.create(Schema.Type.STRING)));
        ByteBuffer old = writeSpecific(sample);

        assertThatThrownBy(() -> readGeneric(old, grown, sample.getSchema()))
                .isInstanceOf(AvroTypeException.class)
                .hasMessageContaining(ADDED);
    }

    @ParameterizedTest
    @MethodSource("samples")
    void aSchemaThatTheStoreLacksIsReportedAsMissing(SpecificRecord sample) throws IOException {
        Schema grown = withOptionalField(sample.getSchema());
        ByteBuffer foreign = write(grown, copyInto(grown, sample));

        assertThatThrownBy(() -> readSpecific(foreign, sample.getSchema(), sample.getSchema()))
                .isInstanceOf(MissingSchemaException.class);
    }

    @Test
    void aSegmentOfAnEarlierVersionIsReadWithoutTheTextOfItsSeed() throws IOException {
        VideoSegment sample = Samples.videoSegment();
        for (Schema earlier : EarlierSchemas.of(sample.getSchema())) {
            GenericRecord written = new GenericData.Record(earlier);
            GenericRecord plain = readGeneric(writeSpecific(sample), earlier, sample.getSchema());
            earlier.getFields().forEach(field -> written.put(field.name(), plain.get(field.name())));

            VideoSegment read = VideoSegment.getDecoder().decode(write(earlier, written));

            assertThat(read.getSeedText()).isEmpty();
            assertThat(read.getSeed()).isEqualTo(sample.getSeed());
            assertThat(read.getCreatedAt()).isEqualTo(sample.getCreatedAt());
        }
    }

    @Test
    void aReaderOfAnEarlierVersionReadsASegmentOfThisOne() throws IOException {
        VideoSegment sample = Samples.videoSegment();
        for (Schema earlier : EarlierSchemas.of(sample.getSchema())) {
            GenericRecord read = readGeneric(writeSpecific(sample), earlier, sample.getSchema());

            assertThat(read.get("seed")).isEqualTo(sample.getSeed());
            assertThat(read.getSchema().getField("seed_text")).isNull();
        }
    }

    private static Schema withOptionalField(Schema schema) {
        Schema optional = Schema.createUnion(Schema.create(Schema.Type.NULL), Schema.create(Schema.Type.STRING));
        return withField(schema, new Schema.Field(ADDED, optional, "Added.", JsonProperties.NULL_VALUE));
    }

    /** Adds the field first: a reader that ignores the writer's schema would also skip a last field. */
    private static Schema withField(Schema schema, Schema.Field added) {
        var fields = new ArrayList<Schema.Field>();
        fields.add(added);
        for (Schema.Field field : schema.getFields()) {
            fields.add(new Schema.Field(field, field.schema()));
        }
        return Schema.createRecord(schema.getName(), schema.getDoc(), schema.getNamespace(), false, fields);
    }

    private static GenericRecord copyInto(Schema schema, SpecificRecord sample) throws IOException {
        GenericRecord plain = readGeneric(writeSpecific(sample), sample.getSchema(), sample.getSchema());
        var copy = new GenericData.Record(schema);
        for (Schema.Field field : sample.getSchema().getFields()) {
            copy.put(field.name(), plain.get(field.name()));
        }
        return copy;
    }

    private static ByteBuffer write(Schema schema, GenericRecord written) throws IOException {
        return new BinaryMessageEncoder<GenericRecord>(new GenericData(), schema).encode(written);
    }

    private static ByteBuffer writeSpecific(SpecificRecord sample) throws IOException {
        return new BinaryMessageEncoder<SpecificRecord>(modelOf(sample), sample.getSchema()).encode(sample);
    }

    private static GenericRecord readGeneric(ByteBuffer bytes, Schema reader, Schema known) throws IOException {
        var store = new SchemaStore.Cache();
        store.addSchema(known);
        return new BinaryMessageDecoder<GenericRecord>(new GenericData(), reader, store).decode(bytes.duplicate());
    }

    private static Object readSpecific(ByteBuffer bytes, Schema reader, Schema known) throws IOException {
        var store = new SchemaStore.Cache();
        store.addSchema(known);
        return new BinaryMessageDecoder<>(SpecificData.getForSchema(reader), reader, store).decode(bytes.duplicate());
    }

    private static SpecificData modelOf(SpecificRecord sample) {
        return SpecificData.getForSchema(sample.getSchema());
    }
}
