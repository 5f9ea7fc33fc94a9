package io.zoetrope.bench.device;

import ai.onnxruntime.OrtException;
import io.zoetrope.bundle.ModelBundle;
import java.util.ArrayList;
import java.util.List;

/**
 * The limit: a bundle's three graphs, run one after the other in a bare loop, on prompts that are tokens and noise
 * already. Nothing is read from the outputs.
 */
public final class RawLoop implements AutoCloseable {
    private final List<RawGraph> graphs = new ArrayList<>();
    private final int clips;

    /**
     * How many clips run together.
     *
     * @param text in the text encoder
     * @param generator in the generator
     * @param decoder in the decoder; all of them powers of two
     */
    public record Batches(int text, int generator, int decoder) {
        /** The same for all. */
        public static Batches of(int batch) {
            return new Batches(batch, batch, batch);
        }

        int largest() {
            return Math.max(text, Math.max(generator, decoder));
        }
    }

    /**
     * Loads the graphs.
     *
     * @param threads of one run
     */
    public RawLoop(ModelBundle bundle, int threads, Batches batches) throws OrtException {
        graphs.add(RawGraph.text(bundle, threads, batches.text()));
        graphs.add(RawGraph.generator(bundle, threads, batches.generator()));
        graphs.add(RawGraph.decoder(bundle, threads, batches.decoder()));
        clips = batches.largest();
    }

    /** One pass: all three graphs, each in its batches, for as many clips as the largest of them has. */
    public void run() throws OrtException {
        for (RawGraph graph : graphs) {
            graph.run(clips);
        }
    }

    /** Clips in a pass. */
    public int clips() {
        return clips;
    }

    /** The batches of the text encoder, the generator and the decoder. */
    public List<Integer> batches() {
        return graphs.stream().map(RawGraph::batch).toList();
    }

    /**
     * Clips a second over some time.
     *
     * @param nanos at least this long, and whole passes
     */
    public double rate(long nanos) throws OrtException {
        return rate(graphs, nanos);
    }

    /**
     * Clips a second of the text encoder alone, of the generator alone and of the decoder alone.
     *
     * @param nanos at least this long each
     */
    public double[] ratesOfGraphs(long nanos) throws OrtException {
        double[] rates = new double[graphs.size()];
        for (int i = 0; i < rates.length; i++) {
            rates[i] = rate(graphs.subList(i, i + 1), nanos);
        }
        return rates;
    }

    private double rate(List<RawGraph> some, long nanos) throws OrtException {
        long start = System.nanoTime();
        long now = start;
        int passes = 0;
        while (now - start < nanos) {
            for (RawGraph graph : some) {
                graph.run(clips);
            }
            passes++;
            now = System.nanoTime();
        }
        return passes * clips / ((now - start) / 1e9);
    }

    @Override
    public void close() throws Exception {
        for (RawGraph graph : graphs) {
            graph.close();
        }
    }
}
