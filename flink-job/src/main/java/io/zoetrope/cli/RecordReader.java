package io.zoetrope.cli;

import io.zoetrope.registry.RegistryAccess;
import io.zoetrope.registry.RegistryException;
import io.zoetrope.registry.SchemaIds;
import io.zoetrope.registry.SchemaIds.Meaning;
import io.zoetrope.wire.MalformedRecordException;
import io.zoetrope.wire.RecordCodec;
import io.zoetrope.wire.RegistryFraming;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.apache.avro.specific.SpecificRecord;

/**
 * Decodes values of records, in single-object encoding or in the framing of a schema registry.
 *
 * @param registry the registry; empty if none is given, and values in its framing are malformed
 */
record RecordReader(Optional<RegistryAccess> registry) {
    /**
     * Decodes a value. Blocks while the registry is asked for a schema id that is not known yet.
     *
     * @throws MalformedRecordException if the value is not exactly one record of this type
     * @throws UsageException if the registry does not answer
     */
    <T extends SpecificRecord> T decode(RecordCodec<T> codec, byte[] value) throws MalformedRecordException {
        return codec.decode(singleObject(codec, value));
    }

    /** Returns a value in single-object encoding; see {@link #decode}. */
    byte[] singleObject(RecordCodec<?> codec, byte[] value) throws MalformedRecordException {
        if (registry.isEmpty() || !RegistryFraming.matches(value)) {
            return value;
        }
        Meaning meaning = meaning(SchemaIds.of(registry.get(), codec), RegistryFraming.schemaId(value));
        byte[] header = meaning.header();
        if (header == null) {
            throw new MalformedRecordException(String.valueOf(meaning.refusal()));
        }
        return RegistryFraming.toSingleObject(value, header);
    }

    private static Meaning meaning(SchemaIds ids, int id) {
        try {
            return ids.find(id).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RegistryException fault) {
                throw new UsageException(String.valueOf(fault.getMessage()), e);
            }
            throw e;
        }
    }
}
