package io.zoetrope;

import io.zoetrope.bundle.SamplerTerms;
import io.zoetrope.decode.FrameDecoder;
import io.zoetrope.decode.Frames;
import io.zoetrope.generate.Generator;
import io.zoetrope.generate.Latents;
import io.zoetrope.generate.Sampler;
import io.zoetrope.image.FirstFrame;
import io.zoetrope.image.ImageEncoder;
import io.zoetrope.image.Picture;
import io.zoetrope.text.TextEmbedding;
import io.zoetrope.text.TextEncoder;
import io.zoetrope.text.Tokens;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** How the stages of a model are opened, and what each does with a batch of a lane. */
final class ModelStages {
    private ModelStages() {}

    static Guest.Opened<Tokens, TextEmbedding> openText(Model model, StageHome home) {
        TextEncoder encoder = model.openTextEncoder(home);
        return new Guest.Opened<>(encoder::encode, encoder.fileBytes(), encoder::close);
    }

    static Guest.Opened<Picture, FirstFrame> openImage(Model.Images images, StageHome home) {
        ImageEncoder encoder = images.openEncoder(home);
        return new Guest.Opened<>(encoder::encode, encoder.fileBytes(), encoder::close);
    }

    static Guest.Opened<Scene, Latents> openGenerate(Model model, StageHome home) {
        Map<Integer, Sampler> samplers = model.samplers().stream()
                .collect(Collectors.toMap(
                        SamplerTerms::steps, terms -> Sampler.of(terms.name(), terms.timesteps(), home.buffers())));
        Generator generator = model.openGenerator(home);
        return new Guest.Opened<>(batch -> sample(generator, samplers, batch), generator.fileBytes(), generator::close);
    }

    private static List<Latents> sample(Generator generator, Map<Integer, Sampler> samplers, List<Scene> batch) {
        Sampler sampler =
                Objects.requireNonNull(samplers.get(batch.get(0).steps()), "steps were validated against the samplers");
        return sampler.sample(
                generator,
                batch.stream().map(Scene::condition).toList(),
                batch.stream().mapToLong(Scene::seed).toArray());
    }

    static Guest.Opened<Latents, Frames> openDecode(Model model, StageHome home) {
        FrameDecoder decoder = model.openDecoder(home);
        return new Guest.Opened<>(decoder::decode, decoder.fileBytes(), decoder::close);
    }
}
