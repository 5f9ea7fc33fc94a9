package io.zoetrope.schema;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The schema files of this project, as a schema registry gets them. */
public final class SchemaFiles {
    private SchemaFiles() {}

    /**
     * Returns the text of a schema file.
     *
     * @param name the file's name without its folder, for example {@code prompt_event.avsc}
     */
    public static String text(String name) {
        try (InputStream in = SchemaFiles.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the class path has no " + name + "; build the module schemas again");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("could not read " + name, e);
        }
    }
}
