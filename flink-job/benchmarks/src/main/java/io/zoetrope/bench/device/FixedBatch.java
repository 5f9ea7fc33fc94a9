package io.zoetrope.bench.device;

import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.decode.Frames;
import io.zoetrope.djl.DjlTokenizer;
import io.zoetrope.text.Tokens;
import java.util.List;
import java.util.stream.IntStream;

/** The job's stages on one batch of prompts that are tokenized in advance; the raw loop has no such host code. */
public final class FixedBatch implements AutoCloseable {
    private static final long MAX_IDLE_BYTES = 64 << 20;

    private final BundleStages stages;
    private final List<Tokens> tokens;
    private final long[] seeds;

    /**
     * Tokenizes the prompts and loads the stages.
     *
     * @param threads the intra-op threads of a run
     * @param batch the number of clips in the batch
     */
    public FixedBatch(ModelBundle bundle, int threads, int batch) {
        try (DjlTokenizer tokenizer = DjlTokenizer.open(bundle)) {
            tokens = IntStream.range(0, batch)
                    .mapToObj(i -> tokenizer.tokenize(Clips.text(i)))
                    .toList();
        }
        seeds = IntStream.range(0, batch).asLongStream().toArray();
        stages = new BundleStages(bundle, threads, MAX_IDLE_BYTES);
    }

    /** Runs the stages from tokens and seeds to frames, which the caller closes. */
    public List<Frames> run() {
        return stages.run(tokens, seeds);
    }

    @Override
    public void close() {
        stages.close();
    }
}
