package io.zoetrope.registry;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Reads schemas by their ids. */
interface SchemaSource {
    /**
     * Returns the text of a schema. Does not block.
     *
     * @return empty if there is no schema of that id; fails with a {@link RegistryException} if that is not known
     */
    CompletableFuture<Optional<String>> schema(int id);
}
