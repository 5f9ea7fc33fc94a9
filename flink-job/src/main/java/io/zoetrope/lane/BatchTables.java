package io.zoetrope.lane;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The batch sizes that lanes have measured of one model on one device, so that lanes that are started later need not
 * measure again.
 */
public final class BatchTables {
    private final Map<Key, BatchTable> tables = new ConcurrentHashMap<>();

    private record Key(String stage, Object bucket) {}

    /** Returns the table of a bucket, if it was measured. */
    Optional<BatchTable> find(String stage, Object bucket) {
        return Optional.ofNullable(tables.get(new Key(stage, bucket)));
    }

    /** Keeps a table, in place of an earlier one of the bucket. */
    void keep(BatchTable table) {
        tables.put(new Key(table.stage(), table.bucket()), table);
    }
}
