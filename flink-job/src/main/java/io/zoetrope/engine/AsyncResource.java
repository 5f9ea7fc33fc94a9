package io.zoetrope.engine;

import io.zoetrope.buffer.Pooled;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** Closes pooled memory after asynchronous use, as try-with-resources does after synchronous use. */
final class AsyncResource {
    private AsyncResource() {}

    /**
     * Calls {@code next} with a value. Closes the value when the stage that {@code next} returns completes, with a
     * result or a fault, or at once if {@code next} throws.
     */
    static <P extends Pooled, T> CompletionStage<T> using(P value, Function<? super P, CompletionStage<T>> next) {
        CompletionStage<T> done;
        try {
            done = next.apply(value);
        } catch (Throwable e) {
            value.close();
            throw e;
        }
        return done.whenComplete((result, fault) -> value.close());
    }
}
