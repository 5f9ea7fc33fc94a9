package io.zoetrope.schema;

import org.apache.avro.util.ClassSecurityValidator;

/**
 * Registers this package's records as classes that Avro may instantiate, and the schemas of earlier versions with the
 * records' own decoders. Avro instantiates only registered classes,
 * because a schema could otherwise name any class. The alternative, Avro's system properties, would have to be set for
 * every JVM that reads a record.
 */
public final class TrustedRecords {
    static {
        ClassSecurityValidator.setGlobal(ClassSecurityValidator.composite(
                ClassSecurityValidator.getGlobal(),
                ClassSecurityValidator.builder()
                        .add(PromptEvent.class)
                        .add(VideoSegment.class)
                        .add(FrameRate.class)
                        .add(Timings.class)
                        .add(FailedPrompt.class)
                        .build()));
        EarlierSchemas.of(VideoSegment.getClassSchema()).forEach(VideoSegment.getDecoder()::addSchema);
    }

    private TrustedRecords() {}

    /** Registers the records of this package and no other class. Call it before the first record is decoded. */
    public static void register() {
        // The class initializer registers the records, once per class loader.
    }
}
