package io.zoetrope.tensorrt;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs random simulations in virtual time. A failing seed fails every time: {@code -Dgpu.seed} runs it alone. */
class GpuSimulationTest {
    private static final int SEEDS = 1_000;
    private static final int ALL_SEEDS = 100_000;
    /** The number of seeds of which one has a folder of engines. */
    private static final int FOLDERS = 20;

    @TempDir
    private Path folder;

    @Test
    void promisesAreKeptWhateverHappens() {
        Long replayed = Long.getLong("gpu.seed");
        LongStream seeds = replayed == null ? LongStream.range(0, SEEDS) : LongStream.of(replayed);
        seeds.parallel().forEach(this::check);
    }

    @Test
    @Tag("slow")
    void promisesAreKeptInAHundredThousandSimulations() {
        LongStream.range(SEEDS, ALL_SEEDS).parallel().forEach(this::check);
    }

    private void check(long seed) {
        List<String> broken = simulation(seed, libraries -> libraries).run();
        if (!broken.isEmpty()) {
            assertThat(broken)
                    .as("seed " + seed + "; replay it with: ./mvnw -pl flink-job -am test -Dtest=GpuSimulationTest"
                            + " -Dgpu.seed=" + seed)
                    .isEmpty();
        }
    }

    @Test
    void aPlantedDoubleFreeIsCaught() {
        assertCaught("double free", (method, arguments, call) -> {
            Object result = call.run();
            return method.equals("free") && arguments.length == 1 ? call.run() : result;
        });
    }

    @Test
    void aPlantedUseAfterCloseIsCaught() {
        List<Object> closed = new ArrayList<>();
        assertCaught("use after close", (method, arguments, call) -> {
            if (method.equals("destroyContext")) {
                closed.add(arguments[0]);
            }
            if (method.equals("destroyEngine") && !closed.isEmpty()) {
                call.other("enqueue", closed.get(0), 0L);
            }
            return call.run();
        });
    }

    @Test
    void aPlantedWrongOrderIsCaught() {
        List<Object> kept = new ArrayList<>();
        assertCaught("wrong order", (method, arguments, call) -> {
            if (method.equals("destroyContext")) { // after its engine
                kept.add(arguments[0]);
                return "";
            }
            Object result = call.run();
            if (method.equals("destroyEngine")) {
                for (Object context : kept) {
                    call.other("destroyContext", context);
                }
                kept.clear();
            }
            return result;
        });
    }

    @Test
    void memoryThatIsReadBeforeItsWorkIsDoneIsCaught() {
        assertCaught(
                "is not that of",
                (method, arguments, call) -> method.equals("synchronize") || method.equals("sumOfMagnitudes")
                        ? skipped(method)
                        : call.run());
    }

    @Test
    void memoryThatIsFreedUnderItsWorkIsCaught() {
        assertCaught("use after free", (method, arguments, call) -> {
            Object result = call.run();
            if (method.equals("upload")) {
                call.other("free", arguments[0]);
            }
            return result;
        });
    }

    @Test
    void aPoisonedEngineIsCaughtIfItIsLoaded() {
        List<String> graphs = new ArrayList<>();
        assertCaught("cache poisoned", (method, arguments, call) -> {
            if (method.equals("build")) { // gives the first engine for each graph
                graphs.add("engine");
                TensorRt.EngineRequest request = (TensorRt.EngineRequest) arguments[0];
                arguments[0] = new TensorRt.EngineRequest(
                        request.file(), request.precision(), request.scratchBytes(), List.of());
            }
            return call.run();
        });
        assertThat(graphs).isNotEmpty();
    }

    private static Object skipped(String method) {
        return method.equals("sumOfMagnitudes") ? (Object) 0f : "";
    }

    /** A call of a port that a planted fault sees first. */
    private interface Call {
        Object run() throws ReflectiveOperationException;

        default Object other(String method, Object... arguments) throws ReflectiveOperationException {
            throw new UnsupportedOperationException(method + List.of(arguments));
        }
    }

    /** A fault between the code and the libraries. */
    private interface Planted {
        Object call(String method, Object[] arguments, Call call) throws ReflectiveOperationException;
    }

    private void assertCaught(String promise, Planted planted) {
        UnaryOperator<Libraries> between = libraries -> new Libraries(
                port(Cuda.class, libraries.cuda(), planted),
                port(TensorRt.class, libraries.tensorRt(), planted),
                libraries.log(),
                libraries.bindingVersion());
        List<String> broken = new ArrayList<>();
        for (long seed = 1; seed < 40 && broken.stream().noneMatch(text -> text.contains(promise)); seed++) {
            GpuSimulation simulation = simulation(seed, between);
            try {
                broken.addAll(simulation.run());
            } catch (RuntimeException e) { // the planted fault may also end the simulation
                broken.addAll(simulation.brokenSoFar());
            }
        }
        assertThat(broken).anyMatch(text -> text.contains(promise));
    }

    private GpuSimulation simulation(long seed, UnaryOperator<Libraries> between) {
        Optional<Path> engines =
                seed % FOLDERS == 0 ? Optional.of(folder.resolve(String.valueOf(seed))) : Optional.empty();
        return new GpuSimulation(seed, engines, between);
    }

    private static <T> T port(Class<T> type, T real, Planted planted) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, given) -> {
                    Object[] arguments = given == null ? new Object[0] : given;
                    try {
                        return planted.call(method.getName(), arguments, new Call() {
                            @Override
                            public Object run() throws ReflectiveOperationException {
                                return method.invoke(real, arguments);
                            }

                            @Override
                            public Object other(String name, Object... others) throws ReflectiveOperationException {
                                for (Method each : type.getMethods()) {
                                    if (each.getName().equals(name)) {
                                        return each.invoke(real, others);
                                    }
                                }
                                throw new NoSuchMethodException(name);
                            }
                        });
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }
}
