package io.zoetrope.flink;

import io.zoetrope.engine.EngineRegistry;
import java.time.Duration;
import org.apache.flink.api.common.functions.RuntimeContext;

/** Closes the engines that are kept for a restart when their job has ended in this process. */
final class IdleEngines {
    private static final String HOOK = "zoetrope-engines";
    private static final Duration MAX_WAIT = Duration.ofSeconds(5);

    private IdleEngines() {}

    /**
     * Closes idle engines when Flink releases the class loader of a job, which it does when the job has ended and not
     * when it restarts. Afterwards their code may not be loadable any more.
     */
    static void closeAtJobEnd(RuntimeContext context) {
        context.registerUserCodeClassLoaderReleaseHookIfAbsent(HOOK, IdleEngines::close);
    }

    /** Waits for a bounded time, because the hook runs on the main thread of the TaskManager. */
    private static void close() {
        Thread closing = new Thread(EngineRegistry::closeIdle, "close-engines");
        closing.setDaemon(true);
        closing.start();
        try {
            closing.join(MAX_WAIT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
