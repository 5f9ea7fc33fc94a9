package io.zoetrope.cli;

import io.zoetrope.prompt.PromptRequest;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that apply to every prompt of a command. */
final class PromptOptions {
    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of every prompt. Without it, each seed is derived from the request id.")
    private @Nullable Long seed;

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "Passes of the generator, 1 or 2. Default: ${DEFAULT-VALUE}.")
    private int steps = 1;

    @Option(
            names = "--first-frame",
            paramLabel = "FILE",
            description = "PNG or JPEG file that each video starts from, if the model bundle has an image encoder.")
    private @Nullable Path firstFrame;

    /**
     * Reads the first frame of the videos; returns empty if the option is not given.
     *
     * @throws UsageException if the file cannot be read
     */
    Optional<ByteBuffer> readFirstFrame() {
        return Prompts.firstFrame(firstFrame);
    }

    /** Returns the request for a prompt with these options. */
    PromptRequest request(String requestId, String text, Optional<ByteBuffer> image) {
        return Prompts.request(requestId, text, Optional.ofNullable(seed), steps, image);
    }
}
