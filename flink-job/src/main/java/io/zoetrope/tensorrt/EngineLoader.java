package io.zoetrope.tensorrt;

import io.zoetrope.bundle.BundleException;
import io.zoetrope.bundle.GraphFile;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.bundle.TensorSpec;
import io.zoetrope.tensorrt.TensorRt.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Loads the engine of a graph: from the folder of engines, or built now. */
final class EngineLoader {
    private static final Logger LOG = LoggerFactory.getLogger(EngineLoader.class);

    /**
     * A loaded engine.
     *
     * @param handle the engine, for the caller to destroy
     * @param bytes its size
     */
    record Loaded(long handle, long bytes) {}

    private final TensorRtProcess process;
    private final GpuSession session;
    private final ModelBundle bundle;
    private final GraphFile graph;
    private final EngineKey key;
    private final Optional<EngineFiles> files;

    EngineLoader(EngineSpec spec, GpuSession session, ModelBundle bundle, GraphFile graph, Profiles profiles) {
        this.process = spec.process();
        this.session = session;
        this.bundle = bundle;
        this.graph = graph;
        files = spec.engineFolder().map(EngineFiles::new);
        key = new EngineKey(
                EngineKey.digests(graph),
                session.gpu(),
                tensorRt().version(),
                EnginePrecision.of(graph.precision(), spec.settings().precision()),
                spec.settings().sessionBytes(),
                profiles);
    }

    /**
     * Loads the engine.
     *
     * @throws BundleException if TensorRT cannot read the graph, or it differs from the manifest
     */
    Loaded load() {
        Optional<Loaded> kept =
                files.flatMap(folder -> folder.find(key, tensorRt())).flatMap(this::fromFile);
        return kept.isPresent() ? kept.get() : build();
    }

    /** Loads a stored engine; empty if TensorRT refuses it. */
    private Optional<Loaded> fromFile(Plan plan) {
        try (plan) {
            Optional<Loaded> loaded = Optional.of(deserialize(plan));
            LOG.info("{}: its engine for {} is in the folder of engines", file(), session.gpu());
            return loaded;
        } catch (TensorRtFault e) {
            LOG.warn("{}: TensorRT refuses the stored engine, so it is built again: {}", file(), e.getMessage());
            return Optional.empty();
        }
    }

    private Loaded build() {
        synchronized (process.buildLock(session.device(), files.isPresent())) {
            // Another GPU of this kind may have built it meanwhile.
            Optional<Plan> built = files.flatMap(folder -> folder.find(key, tensorRt()));
            try (Plan plan = built.isPresent() ? built.get() : buildNow()) {
                Loaded loaded = deserialize(plan);
                if (built.isEmpty()) { // only an engine that TensorRT accepts is kept
                    files.ifPresent(folder -> folder.store(key, plan));
                }
                return loaded;
            }
        }
    }

    private Plan buildNow() {
        LOG.info(
                "{}: TensorRT builds its engine for {} now, which can take minutes; {}",
                file(),
                session.gpu(),
                files.map(folder -> "the next start finds it in " + folder.file(key))
                        .orElse("each start builds it again; set engine-cache to a folder that outlives the process"));
        BuildProgress progress = new BuildProgress(file(), process.nanoTime(), LOG::info);
        List<Plan> built = new ArrayList<>();
        TensorRt.EngineRequest request = new TensorRt.EngineRequest(
                bundle.path(graph.file()),
                key.precision(),
                key.scratchBytes(),
                key.profiles().all());
        try {
            session.libraries()
                    .log()
                    .listen(progress, () -> built.add(tensorRt().build(request)));
        } catch (UnreadableGraphException e) {
            throw new BundleException(
                    bundle.directory(),
                    List.of(file() + ": expected a graph that TensorRT reads, got " + e.getMessage()
                            + "; export it with --attention plain, or choose another provider for its stage"));
        }
        LOG.info("{}: built its engine in {} s", file(), progress.took().toSeconds());
        return built.get(0);
    }

    private Loaded deserialize(Plan plan) {
        long engine = tensorRt().deserialize(session.runtime(), plan);
        try {
            requireTensors(tensorRt().tensors(engine));
            return new Loaded(engine, plan.bytes());
        } catch (RuntimeException e) {
            tensorRt().destroyEngine(engine);
            throw e;
        }
    }

    private void requireTensors(List<String> actual) {
        Set<String> expected = new TreeSet<>();
        add("input", graph.inputs(), expected);
        add("output", graph.outputs(), expected);
        if (!expected.equals(new TreeSet<>(actual))) {
            throw new BundleException(
                    bundle.directory(),
                    List.of(file() + ": the manifest lists " + expected + ", the engine has " + actual
                            + "; export the bundle again"));
        }
    }

    private static void add(String side, Map<String, TensorSpec> tensors, Set<String> texts) {
        tensors.forEach((name, tensor) -> texts.add(side + " " + name + " " + tensor.dtype()));
    }

    private TensorRt tensorRt() {
        return session.libraries().tensorRt();
    }

    private String file() {
        return graph.file().file();
    }
}
