package io.zoetrope.engine;

import io.zoetrope.image.FirstFrame;
import io.zoetrope.image.Picture;
import io.zoetrope.image.PictureReader;
import io.zoetrope.lane.Dispatch;
import io.zoetrope.lane.Served;
import io.zoetrope.lane.Ticket;
import io.zoetrope.prompt.VideoShape;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * Reads and encodes first frames.
 *
 * @param readers decode image files, to a video's frame size each
 * @param encoder the lanes that encode pictures
 * @param pool the threads that read: decoding an image file takes long and may fail on any bytes
 */
record FirstFrames(Function<VideoShape, PictureReader> readers, Dispatch<Picture, FirstFrame> encoder, Executor pool) {
    /**
     * Reads and encodes an image file.
     *
     * @param check throws if the request needs no first frame any more; called before the reading
     */
    CompletionStage<Served<FirstFrame>> encode(ByteBuffer image, VideoShape shape, Ticket ticket, Runnable check) {
        return CompletableFuture.supplyAsync(
                        () -> {
                            check.run();
                            return readers.apply(shape).read(image);
                        },
                        pool)
                .thenCompose(picture -> encoder.submit(picture, ticket));
    }

    /** Runs a blank picture through the encoder, so that its batch sizes are measured. */
    CompletionStage<Void> warmUp(VideoShape shape, Ticket ticket) {
        return encoder.warm(readers.apply(shape).blank(), ticket);
    }
}
