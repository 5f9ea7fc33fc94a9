package io.zoetrope.schema;

import java.util.List;
import org.apache.avro.Schema;

/**
 * The schemas with which earlier versions wrote the records of a topic. A reader needs them to read those records: each
 * has a header of its own.
 */
public final class EarlierSchemas {
    private static final List<Schema> ALL = List.of(read("video_segment-0.1.0.avsc"));

    private EarlierSchemas() {}

    /** Returns the earlier schemas of a record, none if it has not changed. */
    public static List<Schema> of(Schema current) {
        return ALL.stream()
                .filter(schema -> schema.getFullName().equals(current.getFullName()))
                .toList();
    }

    private static Schema read(String file) {
        return new Schema.Parser().parse(SchemaFiles.text(file));
    }
}
