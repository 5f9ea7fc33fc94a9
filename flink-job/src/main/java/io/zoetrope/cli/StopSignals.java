package io.zoetrope.cli;

import java.lang.reflect.Proxy;
import java.util.List;

/**
 * Runs an action of ours in place of the JVM's own end when the process is asked to stop (SIGTERM, or SIGINT by Ctrl-C).
 *
 * <p>A shutdown hook would be too late: hooks run side by side, so Flink's would delete files that the job still writes, and
 * ONNX Runtime's frees its environment while sessions are open, which crashes the JVM.
 */
final class StopSignals {
    private static final List<String> NAMES = List.of("TERM", "INT");

    private StopSignals() {}

    /**
     * Calls an action for each signal, on a thread of the JVM. The process does not end by itself then.
     *
     * <p>The JDK has no public API for it: {@code sun.misc.Signal} is supported, but its use is a compiler warning that
     * cannot be suppressed, so it is called by reflection, as Kafka does.
     */
    static void handle(Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object proxy = Proxy.newProxyInstance(
                    handler.getClassLoader(), new Class<?>[] {handler}, (object, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            action.run();
                            return null;
                        }
                        return method.getName().equals("hashCode")
                                ? System.identityHashCode(object)
                                : object == arguments[0];
                    });
            for (String name : NAMES) {
                signal.getMethod("handle", signal, handler)
                        .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this Java runtime has no sun.misc.Signal; use a JDK 17 or newer", e);
        }
    }
}
