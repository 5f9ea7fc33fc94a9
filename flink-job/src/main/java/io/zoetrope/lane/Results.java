package io.zoetrope.lane;

import java.util.List;
import java.util.Objects;

/** What a stage answered. */
final class Results {
    private Results() {}

    /** Without it, no result can be told to be whose. */
    static void requireOneEach(StageSpec<?, ?> spec, List<?> results, int requests) {
        if (results.size() != requests) {
            throw new IllegalStateException("stage " + spec.name() + ": expected one result for each request, "
                    + requests + ", got " + results.size() + "; no result can be told to be whose");
        }
        for (Object result : results) {
            Objects.requireNonNull(result, "stage answered null for a request");
        }
    }

    /** Frees results that nobody will be given, after a fault that is to be told. */
    static void dropAfter(Throwable fault, List<?> results) {
        try {
            drop(results);
        } catch (Exception e) {
            fault.addSuppressed(e);
        }
    }

    /** Frees results that nobody will be given. */
    static void drop(List<?> results) throws Exception {
        for (Object result : results) {
            if (result instanceof AutoCloseable closeable) {
                closeable.close();
            }
        }
    }
}
