package io.zoetrope.cli;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Runs an action when the process receives SIGTERM or SIGINT (Ctrl-C), in place of the JVM's immediate shutdown.
 *
 * <p>A shutdown hook would be too late. The JVM runs all hooks at the same time: Flink's hooks delete files that the
 * job still writes, and ONNX Runtime's hook frees its environment while sessions are open or being opened, which
 * crashes the JVM.
 */
final class StopSignals {
    private static final List<String> NAMES = List.of("TERM", "INT");
    /** Some programs signal a process and its group, so that one request to stop arrives twice. */
    private static final Duration ONE_SIGNAL = Duration.ofSeconds(1);
    /** The exit code of a process that Ctrl-C has ended. */
    static final int INTERRUPTED = 130;

    private StopSignals() {}

    /**
     * Runs an action at the first signal, on a thread of the JVM. The action has to end the process. A second signal,
     * or an action that takes longer than the limit, ends the process at once, without shutdown hooks.
     *
     * <p>The only API of the JDK for signals is {@code sun.misc.Signal}, which is supported but cannot be used without
     * a compiler warning. So it is called by reflection, as Kafka does.
     */
    static void handle(Duration limit, Runnable action) {
        AtomicLong first = new AtomicLong();
        Runnable once = () -> {
            long now = System.nanoTime();
            if (!first.compareAndSet(0, now)) {
                if (now - first.get() > ONE_SIGNAL.toNanos()) {
                    Runtime.getRuntime().halt(INTERRUPTED);
                }
                return;
            }
            haltAfter(limit);
            action.run();
        };
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object proxy = Proxy.newProxyInstance(
                    handler.getClassLoader(),
                    new Class<?>[] {handler},
                    (object, method, arguments) -> switch (method.getName()) {
                        case "handle" -> {
                            once.run();
                            yield null;
                        }
                        case "hashCode" -> System.identityHashCode(object);
                        case "equals" -> object == arguments[0];
                        default -> "handler of stop signals";
                    });
            for (String name : NAMES) {
                signal.getMethod("handle", signal, handler)
                        .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this Java runtime has no sun.misc.Signal; use a JDK 17 or newer", e);
        }
    }

    private static void haltAfter(Duration limit) {
        Thread thread = new Thread(
                () -> {
                    try {
                        Thread.sleep(limit.toMillis());
                    } catch (InterruptedException e) {
                        return;
                    }
                    Runtime.getRuntime().halt(INTERRUPTED);
                },
                "stop-limit");
        thread.setDaemon(true);
        thread.start();
    }
}
