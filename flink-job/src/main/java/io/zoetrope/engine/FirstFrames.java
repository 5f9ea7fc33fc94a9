package io.zoetrope.engine;

import io.zoetrope.hosting.Model;
import io.zoetrope.image.FirstFrame;
import io.zoetrope.image.FirstFrameInput;
import io.zoetrope.image.Picture;
import io.zoetrope.lane.Dispatch;
import io.zoetrope.lane.Served;
import io.zoetrope.lane.Ticket;
import io.zoetrope.prompt.VideoShape;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Reads and encodes first frames.
 *
 * @param model the model of the videos
 * @param images decodes image files
 * @param encoder the lanes that encode pictures
 * @param pool the threads that read: decoding an image file takes long and may fail on any bytes
 * @param calls limits the time of the reading
 */
record FirstFrames(
        Model model,
        Model.Images images,
        Dispatch<FirstFrameInput, FirstFrame> encoder,
        Executor pool,
        TimedCalls calls) {
    /**
     * Reads and encodes an image file.
     *
     * @param check throws if the request needs no first frame any more; called before the reading
     */
    CompletionStage<Served<FirstFrame>> encode(ByteBuffer image, VideoShape shape, Ticket ticket, Runnable check) {
        return CompletableFuture.supplyAsync(
                        () -> {
                            check.run();
                            return calls.run(
                                    TimedCalls.Kind.READ_IMAGE,
                                    shape,
                                    () -> images.reader(shape).read(image));
                        },
                        pool)
                .thenCompose(picture -> encoder.submit(input(picture, shape), ticket));
    }

    private FirstFrameInput input(Picture picture, VideoShape shape) {
        return new FirstFrameInput(picture, model.latentShape(shape).frames());
    }

    /** Measures the encoder's batch sizes with a blank picture, and encodes that picture. */
    CompletionStage<Served<FirstFrame>> warmUp(VideoShape shape, Ticket ticket) {
        FirstFrameInput blank = input(images.reader(shape).blank(), shape);
        return encoder.warm(blank, ticket).thenCompose(warm -> encoder.submit(blank, ticket));
    }
}
