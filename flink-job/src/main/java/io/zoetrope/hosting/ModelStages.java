package io.zoetrope.hosting;

import io.zoetrope.bundle.SamplerSpec;
import io.zoetrope.decode.FrameDecoder;
import io.zoetrope.decode.Frames;
import io.zoetrope.generate.Generator;
import io.zoetrope.generate.Latents;
import io.zoetrope.generate.Sampler;
import io.zoetrope.generate.Schedule;
import io.zoetrope.image.FirstFrame;
import io.zoetrope.image.FirstFrameInput;
import io.zoetrope.image.ImageEncoder;
import io.zoetrope.text.TextEmbedding;
import io.zoetrope.text.TextEncoder;
import io.zoetrope.text.Tokens;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Opens the stages of a model, each as a function that a lane runs on a batch. */
final class ModelStages {
    private ModelStages() {}

    static HostedStage.Opened<Tokens, TextEmbedding> openText(Model model, StageContext context) {
        TextEncoder encoder = model.openTextEncoder(context);
        return new HostedStage.Opened<>(encoder::encode, encoder::endRun, encoder.fileBytes(), encoder::close);
    }

    static HostedStage.Opened<FirstFrameInput, FirstFrame> openImage(Model.Images images, StageContext context) {
        ImageEncoder encoder = images.openEncoder(context);
        return new HostedStage.Opened<>(encoder::encode, encoder::endRun, encoder.fileBytes(), encoder::close);
    }

    static HostedStage.Opened<SamplingInput, Latents> openGenerate(Model model, StageContext context) {
        Map<Integer, Passes> passes = new HashMap<>();
        Map<String, Generator> generators = new LinkedHashMap<>();
        try {
            for (SamplerSpec spec : model.samplers()) {
                List<Generator> ofPasses = spec.generators().stream()
                        .map(name -> generators.computeIfAbsent(name, key -> model.openGenerator(key, context)))
                        .toList();
                passes.put(spec.steps(), new Passes(new Sampler(schedule(spec), context.buffers()), ofPasses));
            }
        } catch (Throwable e) {
            closeAll(generators.values(), e);
            throw e;
        }
        long bytes =
                generators.values().stream().mapToLong(Generator::fileBytes).sum();
        return new HostedStage.Opened<>(
                batch -> sample(passes, batch),
                runner -> generators.values().forEach(generator -> generator.endRun(runner)),
                bytes,
                () -> generators.values().forEach(Generator::close));
    }

    /** A sampler with the generator of each pass. */
    private record Passes(Sampler sampler, List<Generator> generators) {}

    private static void closeAll(Collection<Generator> generators, Throwable fault) {
        for (Generator generator : generators) {
            try {
                generator.close();
            } catch (RuntimeException e) {
                fault.addSuppressed(e);
            }
        }
    }

    private static Schedule schedule(SamplerSpec spec) {
        Schedule.Move move = switch (spec.kind()) {
            case EULER -> Schedule.Move.EULER;
            case RENOISE -> Schedule.Move.RENOISE;
            case TIME_TRAVEL -> Schedule.Move.TIME_TRAVEL;
        };
        return new Schedule(move, spec.timesteps(), spec.sigmas());
    }

    private static List<Latents> sample(Map<Integer, Passes> passes, List<SamplingInput> batch) {
        SamplingInput first = batch.get(0);
        Passes chosen = Objects.requireNonNull(
                passes.get(first.steps()),
                "no sampler for the request's number of steps; validate requests before they are submitted");
        return chosen.sampler()
                .sample(
                        chosen.generators(),
                        first.shape(),
                        batch.stream().map(SamplingInput::condition).toList(),
                        batch.stream().mapToLong(SamplingInput::seed).toArray());
    }

    static HostedStage.Opened<Latents, Frames> openDecode(Model model, StageContext context) {
        FrameDecoder decoder = model.openDecoder(context);
        return new HostedStage.Opened<>(decoder::decode, decoder::endRun, decoder.fileBytes(), decoder::close);
    }
}
