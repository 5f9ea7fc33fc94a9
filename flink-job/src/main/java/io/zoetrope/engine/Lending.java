package io.zoetrope.engine;

import io.zoetrope.buffer.Pooled;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** Hands what one stage made to the next without ever losing sight of its memory. */
final class Lending {
    private Lending() {}

    /** Lets {@code next} read a value, and closes it when that is done with it: with an answer, with a fault, or at once. */
    static <P extends Pooled, T> CompletionStage<T> lend(P value, Function<? super P, CompletionStage<T>> next) {
        CompletionStage<T> done;
        try {
            done = next.apply(value);
        } catch (Throwable e) {
            value.close();
            throw e;
        }
        return done.whenComplete((answer, fault) -> value.close());
    }
}
