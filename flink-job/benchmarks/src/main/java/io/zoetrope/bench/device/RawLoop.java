package io.zoetrope.bench.device;

import ai.onnxruntime.OrtException;
import io.zoetrope.bundle.ModelBundle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The upper limit for the job: a loop that only runs a bundle's three graphs one after the other. The inputs, tokens
 * and noise, are made in advance, and the outputs are not read.
 */
public final class RawLoop implements AutoCloseable {
    private final List<RawGraph> graphs = new ArrayList<>();
    private final int clips;

    /**
     * The batch size of each graph, a power of two.
     *
     * @param text the batch size of the text encoder
     * @param generator the batch size of the generator
     * @param decoder the batch size of the decoder
     */
    public record Batches(int text, int generator, int decoder) {
        /** Returns the same batch size for all graphs. */
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
     * @param threads the intra-op threads of a run
     */
    public RawLoop(ModelBundle bundle, int threads, Batches batches) throws OrtException {
        graphs.add(RawGraph.text(bundle, threads, batches.text()));
        graphs.add(RawGraph.generator(bundle, threads, batches.generator()));
        graphs.add(RawGraph.decoder(bundle, threads, batches.decoder()));
        clips = batches.largest();
    }

    /** Runs one pass: all three graphs, each in batches of its size, for as many clips as the largest batch holds. */
    public void run() throws OrtException {
        for (RawGraph graph : graphs) {
            graph.run(clips);
        }
    }

    /** Returns the number of clips in a pass. */
    public int clips() {
        return clips;
    }

    /** Returns the batch sizes of the text encoder, the generator and the decoder. */
    public List<Integer> batches() {
        return graphs.stream().map(RawGraph::batch).toList();
    }

    /**
     * Returns the clips per second over whole passes.
     *
     * @param time the least time to measure
     */
    public double rate(Duration time) throws OrtException {
        return rate(graphs, time);
    }

    /**
     * Returns the clips per second of the text encoder alone, of the generator alone and of the decoder alone.
     *
     * @param time the least time to measure each graph
     */
    public double[] ratesOfGraphs(Duration time) throws OrtException {
        double[] rates = new double[graphs.size()];
        for (int i = 0; i < rates.length; i++) {
            rates[i] = rate(graphs.subList(i, i + 1), time);
        }
        return rates;
    }

    private double rate(List<RawGraph> measured, Duration time) throws OrtException {
        long start = System.nanoTime();
        long now = start;
        int passes = 0;
        while (now - start < time.toNanos()) {
            for (RawGraph graph : measured) {
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
