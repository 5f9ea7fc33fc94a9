package io.zoetrope.cli;

import io.zoetrope.prompt.ModelLimits;
import io.zoetrope.prompt.PromptRequest;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options that apply to every prompt of a command. */
final class PromptOptions {
    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of every prompt. Without it, each seed is derived from the request id.")
    private @Nullable Long seed;

    @Option(
            names = "--model",
            paramLabel = "NAME",
            description = "Name of the model bundle that answers, for a job that serves several. Default: the job's"
                    + " first.")
    private @Nullable String model;

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "Passes of the generator, one of the numbers that the bundle lists. Default: the bundle's"
                    + " first.")
    private int steps = PromptRequest.DEFAULT_STEPS;

    @Option(
            names = "--size",
            paramLabel = "WxH",
            converter = SizeConverter.class,
            description = "Width and height of each video in pixels, such as 832x480, one of the sizes that the bundle"
                    + " lists. Default: the bundle's first.")
    private ModelLimits.@Nullable Size size;

    @Option(
            names = "--frames",
            paramLabel = "N",
            description =
                    "Frames of each video, one of the numbers that the bundle lists. Default: the bundle's first.")
    private @Nullable Integer frames;

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
        if (text.isBlank()) {
            throw new UsageException("the prompt \"" + text + "\" is blank; say what the video shows");
        }
        return new PromptRequest(
                requestId,
                text,
                Optional.ofNullable(seed),
                Optional.ofNullable(model),
                steps,
                Optional.ofNullable(size).map(ModelLimits.Size::width),
                Optional.ofNullable(size).map(ModelLimits.Size::height),
                Optional.ofNullable(frames),
                image,
                Optional.empty(),
                Map.of(),
                Instant.now());
    }

    /** Reads a size such as {@code 832x480}. */
    static final class SizeConverter implements ITypeConverter<ModelLimits.Size> {
        private static final Pattern SIZE = Pattern.compile("([1-9][0-9]{0,4})x([1-9][0-9]{0,4})");

        @Override
        public ModelLimits.Size convert(String text) {
            Matcher matcher = SIZE.matcher(text);
            if (!matcher.matches()) {
                throw new TypeConversionException(
                        "'" + text + "' is not a size; give width and height in pixels, such as 832x480");
            }
            return new ModelLimits.Size(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
        }
    }
}
