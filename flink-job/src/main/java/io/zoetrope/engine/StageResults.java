package io.zoetrope.engine;

import io.zoetrope.decode.Frames;
import io.zoetrope.generate.Latents;
import io.zoetrope.lane.Served;
import io.zoetrope.publish.Timings;
import java.time.Duration;

/**
 * The results of one request's stages on lanes, with their waiting and run times.
 *
 * @param sampled the results up to the latents
 * @param decode the frames
 */
record StageResults(Sampled sampled, Served<Frames> decode) {
    /** The results up to the latents. The conditioning is already closed; only its times are still read. */
    record Sampled(Conditioning conditioning, Served<Latents> generate) {}

    /** Returns the times of all stages. */
    Timings timings(Duration encoding) {
        return new Timings(
                sampled.conditioning()
                        .queued()
                        .plus(sampled.generate().queued())
                        .plus(decode.queued()),
                sampled.conditioning().ran(),
                sampled.generate().ran(),
                decode.ran(),
                encoding);
    }
}
