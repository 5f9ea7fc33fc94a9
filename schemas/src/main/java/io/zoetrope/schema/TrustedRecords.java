package io.zoetrope.schema;

import org.apache.avro.util.ClassSecurityValidator;

/**
 * Vouches for this package's records. Avro makes no object of a class that nobody vouched for, lest the name of any
 * class could come in with a schema; its system properties would have to be given to every JVM that reads a record.
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
    }

    private TrustedRecords() {}

    /** Lets Avro make the records of this package, and no class more. To be called before the first is decoded. */
    public static void register() {
        // The class initializer does it, once in a class loader.
    }
}
