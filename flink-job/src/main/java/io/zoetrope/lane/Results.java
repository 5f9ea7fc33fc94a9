package io.zoetrope.lane;

import java.util.List;
import java.util.Objects;

/** Checks and frees the results of a stage. */
final class Results {
    private Results() {}

    /** Throws unless there is one result per request: otherwise no result can be matched to its request. */
    static void requireOnePerRequest(StageSpec<?, ?> spec, List<?> results, int requests) {
        if (results.size() != requests) {
            throw new IllegalStateException("stage " + spec.name() + ": expected one result for each request, "
                    + requests + ", got " + results.size()
                    + "; no result can be matched to its request, so all are dropped: correct the stage");
        }
        for (Object result : results) {
            Objects.requireNonNull(result, "a stage returned null as the result of a request");
        }
    }

    /** Closes results that no request receives. Adds an exception from closing to the fault as suppressed. */
    static void dropAfter(Throwable fault, List<?> results) {
        try {
            drop(results);
        } catch (Exception e) {
            fault.addSuppressed(e);
        }
    }

    /** Closes results that no request receives. */
    static void drop(List<?> results) throws Exception {
        for (Object result : results) {
            if (result instanceof AutoCloseable closeable) {
                closeable.close();
            }
        }
    }
}
