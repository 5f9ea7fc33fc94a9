package io.zoetrope.fuzz;

import io.zoetrope.kafka.TopicCatalog;
import io.zoetrope.kafka.TopicCatalogException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Any bytes as a topics file: they are topics that Kafka accepts, or faults with clear texts. */
public final class TopicsTarget {
    private static final InputFile FILE = InputFile.create("topics.yaml");

    private TopicsTarget() {}

    /** Runs one input; the fuzzer calls it by this name. */
    public static void fuzzerTestOneInput(byte[] yaml) {
        try {
            TopicCatalog catalog = TopicCatalog.read(FILE.write(yaml));
            Promises.require(!catalog.topics().isEmpty(), "no topic and no fault");
        } catch (TopicCatalogException e) {
            Promises.checkText(String.valueOf(e.getMessage()), new String(yaml, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
