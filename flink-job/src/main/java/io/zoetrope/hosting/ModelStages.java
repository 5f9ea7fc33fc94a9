package io.zoetrope.hosting;

import io.zoetrope.bundle.SamplerSpec;
import io.zoetrope.decode.FrameDecoder;
import io.zoetrope.decode.Frames;
import io.zoetrope.generate.Generator;
import io.zoetrope.generate.Latents;
import io.zoetrope.generate.Sampler;
import io.zoetrope.generate.Schedule;
import io.zoetrope.image.FirstFrame;
import io.zoetrope.image.ImageEncoder;
import io.zoetrope.image.Picture;
import io.zoetrope.text.TextEmbedding;
import io.zoetrope.text.TextEncoder;
import io.zoetrope.text.Tokens;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** Opens the stages of a model, each as a function that a lane runs on a batch. */
final class ModelStages {
    private ModelStages() {}

    static HostedStage.Opened<Tokens, TextEmbedding> openText(Model model, StageContext context) {
        TextEncoder encoder = model.openTextEncoder(context);
        return new HostedStage.Opened<>(encoder::encode, encoder::endRun, encoder.fileBytes(), encoder::close);
    }

    static HostedStage.Opened<Picture, FirstFrame> openImage(Model.Images images, StageContext context) {
        ImageEncoder encoder = images.openEncoder(context);
        return new HostedStage.Opened<>(encoder::encode, encoder::endRun, encoder.fileBytes(), encoder::close);
    }

    static HostedStage.Opened<SamplingInput, Latents> openGenerate(Model model, StageContext context) {
        Map<Integer, Sampler> samplers = model.samplers().stream()
                .collect(Collectors.toMap(SamplerSpec::steps, spec -> new Sampler(schedule(spec), context.buffers())));
        Generator generator = model.openGenerator(context);
        return new HostedStage.Opened<>(
                batch -> sample(generator, samplers, batch),
                generator::endRun,
                generator.fileBytes(),
                generator::close);
    }

    private static Schedule schedule(SamplerSpec spec) {
        Schedule.Move move = switch (spec.kind()) {
            case EULER -> Schedule.Move.EULER;
            case RENOISE -> Schedule.Move.RENOISE;
            case TIME_TRAVEL -> Schedule.Move.TIME_TRAVEL;
        };
        return new Schedule(move, spec.timesteps(), spec.sigmas());
    }

    private static List<Latents> sample(
            Generator generator, Map<Integer, Sampler> samplers, List<SamplingInput> batch) {
        int steps = batch.get(0).steps();
        Sampler sampler = Objects.requireNonNull(
                samplers.get(steps),
                "no sampler for the request's number of steps; validate requests before they are submitted");
        return sampler.sample(
                Collections.nCopies(steps, generator),
                batch.get(0).shape(),
                batch.stream().map(SamplingInput::condition).toList(),
                batch.stream().mapToLong(SamplingInput::seed).toArray());
    }

    static HostedStage.Opened<Latents, Frames> openDecode(Model model, StageContext context) {
        FrameDecoder decoder = model.openDecoder(context);
        return new HostedStage.Opened<>(decoder::decode, decoder::endRun, decoder.fileBytes(), decoder::close);
    }
}
