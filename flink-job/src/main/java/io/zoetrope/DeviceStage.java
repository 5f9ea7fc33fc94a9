package io.zoetrope;

import io.zoetrope.buffer.Pooled;
import io.zoetrope.decode.Frames;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.generate.Latents;
import io.zoetrope.generate.Sampler;
import io.zoetrope.lane.Stage;
import io.zoetrope.prompt.Prompt;
import io.zoetrope.text.TextEmbedding;
import io.zoetrope.text.Tokens;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/** What runs on the device for a batch: text encode, sample, decode. */
final class DeviceStage implements Stage<DeviceStage.Request, DeviceStage.Rendered> {
    private final ModelStages model;
    private final InstantSource clock;

    DeviceStage(ModelStages model, InstantSource clock) {
        this.model = model;
        this.clock = clock;
    }

    /**
     * A prompt, ready for the device.
     *
     * @param prompt what is asked
     * @param tokens of its text
     */
    record Request(Prompt prompt, Tokens tokens) {
        /** What requests have in common that can run together: one shape of tensors, one sampler. */
        List<Integer> bucket() {
            return List.of(tokens.paddedLength(), prompt.steps());
        }
    }

    /**
     * A prompt's frames.
     *
     * @param frames the pictures
     * @param sampler which made them
     * @param text time that the batch spent in the text encoder
     * @param generate time that it spent in the sampler
     * @param decode time that it spent in the decoder
     */
    record Rendered(Frames frames, Sampler sampler, Duration text, Duration generate, Duration decode) {}

    @Override
    public List<Rendered> run(List<Request> batch) {
        Sampler sampler = Objects.requireNonNull(
                model.samplers().get(batch.get(0).prompt().steps()), "steps were validated against the samplers");
        long[] seeds =
                batch.stream().mapToLong(request -> request.prompt().seed()).toArray();

        Instant started = clock.instant();
        List<TextEmbedding> text = during(
                "text",
                () -> model.textEncoder()
                        .encode(batch.stream().map(Request::tokens).toList()));
        Instant encoded = clock.instant();
        List<Latents> latents =
                reading(text, () -> during("generate", () -> sampler.sample(model.generator(), text, seeds)));
        Instant sampled = clock.instant();
        List<Frames> frames =
                reading(latents, () -> during("decode", () -> model.decoder().decode(latents)));
        Instant decoded = clock.instant();

        List<Rendered> rendered = new ArrayList<>();
        for (Frames each : frames) {
            rendered.add(new Rendered(
                    each,
                    sampler,
                    Duration.between(started, encoded),
                    Duration.between(encoded, sampled),
                    Duration.between(sampled, decoded)));
        }
        return rendered;
    }

    /** Closes what a stage has read, whether it made anything of it or not. */
    private static <T> T reading(List<? extends Pooled> read, Supplier<T> work) {
        try {
            return work.get();
        } finally {
            Pooled.closeAll(read);
        }
    }

    /** Names the stage in whatever is thrown, for the failure record. */
    private static <T> T during(String stage, Supplier<T> work) {
        try {
            return work.get();
        } catch (RequestException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new RequestException(
                    FailureCode.INFERENCE_FAILED, stage, e + "; the log of the task has its stack trace", e);
        }
    }
}
