package io.zoetrope.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.zoetrope.buffer.BufferPool;
import io.zoetrope.buffer.TestBuffers;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.decode.Frames;
import io.zoetrope.djl.DjlTokenizer;
import io.zoetrope.generate.Condition;
import io.zoetrope.generate.Generator;
import io.zoetrope.generate.LatentBatch;
import io.zoetrope.generate.LatentShape;
import io.zoetrope.generate.Latents;
import io.zoetrope.generate.Noise;
import io.zoetrope.generate.NoiseLevel;
import io.zoetrope.generate.Sampler;
import io.zoetrope.generate.Schedule;
import io.zoetrope.golden.Npz;
import io.zoetrope.image.FirstFrame;
import io.zoetrope.image.FirstFrameInput;
import io.zoetrope.image.Picture;
import io.zoetrope.text.TextEmbedding;
import io.zoetrope.text.Tokens;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.StreamSupport;

/** The comparisons of a bundle's open stages with a golden set: what the public reference computed. */
final class PublishedReference {
    static final double BOUND = 1e-4;

    private final BufferPool buffers = new BufferPool(1 << 20);
    private final JsonNode info;
    private final Npz golden;
    private final Map<String, Generator> generators;
    private final OnnxFrameDecoder decoder;
    private final DjlTokenizer tokenizer;
    private final OnnxTextEncoder texts;
    private final ModelBundle bundle;
    private final long[] seeds;

    PublishedReference(
            JsonNode info,
            Npz golden,
            Map<String, Generator> generators,
            OnnxFrameDecoder decoder,
            DjlTokenizer tokenizer,
            OnnxTextEncoder texts,
            ModelBundle bundle) {
        this.info = info;
        this.golden = golden;
        this.generators = generators;
        this.decoder = decoder;
        this.tokenizer = tokenizer;
        this.texts = texts;
        this.bundle = bundle;
        seeds = new long[] {info.get("seeds").get("noise").asLong()};
    }

    void compareAll() {
        TextEmbedding text = compareText();
        if (golden.has("velocity_t1000")) {
            compareVelocities(Condition.ofText(text));
        }
        if (golden.has("image")) {
            try (OnnxImageEncoder images = OnnxImageEncoder.open(bundle, TestSessions.with(1, buffers))) {
                compareImage(images, text);
            }
        }
        compareSamplers(Condition.ofText(text), false);
        compareDecoder();
    }

    TextEmbedding compareText() {
        TextEmbedding first = null;
        for (int row = 0; row < info.get("prompts").size(); row++) {
            Tokens tokens = tokenizer.tokenize(info.get("prompts").get(row).asText());
            long[] ids = new long[tokens.paddedLength()];
            tokens.ids().get(ids);
            assertThat(ids).isEqualTo(Arrays.copyOf(golden.longs("input_ids", row), ids.length));
            assertThat((long) tokens.length())
                    .isEqualTo(
                            Arrays.stream(golden.longs("attention_mask", row)).sum());
            TextEmbedding embedding = texts.encode(List.of(tokens)).get(0);
            int[] shape = golden.shape("prompt_embeds");
            int real = tokens.length() * shape[2];
            assertClose(
                    embedding.values().slice(0, real),
                    golden.floats("prompt_embeds").slice(row * shape[1] * shape[2], real));
            first = first == null ? embedding : first;
        }
        return Objects.requireNonNull(first);
    }

    void compareVelocities(Condition text) {
        for (float timestep : new float[] {1000, 757, 12.5f}) {
            String name = "velocity_t" + (timestep == 12.5f ? "12.5" : String.valueOf((int) timestep));
            assertClose(velocity("generator", "noise_0", timestep, text), golden.floats(name));
        }
        assertClose(velocity("generator", "other_latents", 833.3333f, text), golden.floats("other_velocity"));
    }

    /** Returns the error of one pass from the set's noise. */
    double errorOfVelocity(String generator, NoiseLevel level, Condition condition, String expected) {
        return error(velocity(generator, "noise_0", level, condition), golden.floats(expected));
    }

    private FloatBuffer velocity(String generator, String latents, float timestep, Condition condition) {
        return velocity(generator, latents, new NoiseLevel(timestep, timestep / 1000), condition);
    }

    private FloatBuffer velocity(String generator, String latents, NoiseLevel level, Condition condition) {
        LatentBatch x = new LatentBatch(TestBuffers.floats(golden.floats(latents)), 1, shape(latents));
        return Objects.requireNonNull(generators.get(generator))
                .velocity(x, level, List.of(condition))
                .values();
    }

    /** Returns the velocities of rows of the set's pair of latents, as a copy. */
    FloatBuffer velocityOfPair(Condition condition, int... rows) {
        LatentShape shape = shape("pair_latents");
        FloatBuffer x = FloatBuffer.allocate(rows.length * shape.size());
        for (int row : rows) {
            x.put(golden.floats("pair_latents").slice(row * shape.size(), shape.size()));
        }
        FloatBuffer v = Objects.requireNonNull(generators.get("generator"))
                .velocity(
                        new LatentBatch(TestBuffers.floats(x.flip()), rows.length, shape),
                        new NoiseLevel(1000, 1),
                        Collections.nCopies(rows.length, condition))
                .values();
        return FloatBuffer.allocate(v.remaining()).put(v.duplicate()).flip();
    }

    private LatentShape shape(String latents) {
        int[] shape = golden.shape(latents);
        return new LatentShape(shape[1], shape[2], shape[3], shape[4]);
    }

    void compareImage(OnnxImageEncoder images, TextEmbedding text) {
        int[] size = golden.shape("image");
        Picture picture = new Picture(golden.bytes("image"), size[1], size[0]);
        FirstFrame encoded = images.encode(
                        List.of(new FirstFrameInput(picture, shape("noise_0").frames())))
                .get(0);
        boolean clean = golden.has("first_frame");
        assertClose(encoded.values(), golden.floats(clean ? "first_frame" : "condition"));
        Condition condition = new Condition(text, Optional.of(encoded));
        for (int timestep : new int[] {1000, 522}) {
            FloatBuffer velocity = velocity(
                    clean ? "generator" : timestep == 1000 ? "high_noise" : "low_noise",
                    "noise_0",
                    timestep,
                    condition);
            FloatBuffer expected = golden.floats("i2v_velocity_t" + timestep);
            if (clean) { // the velocity of the first frame leads to that frame, whatever the network says
                expected = withFirstFrameOf(velocity, expected);
            }
            assertClose(velocity, expected);
        }
        compareSamplers(condition, true);
    }

    private FloatBuffer withFirstFrameOf(FloatBuffer velocity, FloatBuffer expected) {
        LatentShape shape = shape("noise_0");
        FloatBuffer copy = FloatBuffer.allocate(expected.remaining()).put(expected.duplicate());
        int frame = shape.height() * shape.width();
        for (int channel = 0; channel < shape.channels(); channel++) {
            for (int cell = 0; cell < frame; cell++) {
                int at = channel * shape.frames() * frame + cell;
                copy.put(at, velocity.get(at));
            }
        }
        return copy.rewind();
    }

    void compareSamplers(Condition condition, boolean withImage) {
        info.get("samplers").properties().forEach(entry -> {
            String name = entry.getKey();
            if (name.startsWith("i2v ") == withImage) {
                compareSampler(
                        (withImage ? "i2v_sample_" : "sample_") + name.replace("i2v ", ""),
                        entry.getValue(),
                        condition);
            }
        });
    }

    private void compareSampler(String key, JsonNode sampler, Condition condition) {
        Schedule schedule = new Schedule(
                Schedule.Move.valueOf(sampler.get("kind").asText().toUpperCase(Locale.ROOT)),
                floats(sampler.get("timesteps")),
                floats(sampler.get("sigmas")));
        List<Generator> passes = sampler.has("expert")
                ? StreamSupport.stream(sampler.get("expert").spliterator(), false)
                        .map(expert ->
                                generators.get(expert.asText().equals("transformer") ? "high_noise" : "low_noise"))
                        .toList()
                : schedule.timesteps().stream()
                        .map(pass -> generators.get("generator"))
                        .toList();
        Latents latents = new Sampler(schedule, buffers)
                .sample(passes, shape("noise_0"), List.of(condition), seeds)
                .get(0);
        assertClose(latents.values(), golden.floats(key + "_latents"));
        if (golden.has(key + "_rgb8")) {
            Frames frames = decoder.decode(List.of(latents)).get(0);
            assertWithinOneLevel(frames, rgb8(key + "_rgb8"));
        }
    }

    void compareDecoder() {
        for (int stream = 0; stream < 4; stream++) {
            LatentBatch noise = Noise.latents(seeds, stream, shape("noise_0"), buffers);
            assertThat(noise.values()).isEqualTo(golden.floats("noise_" + stream));
        }
        Latents latents = new Latents(TestBuffers.floats(golden.floats("decode_latents")), shape("decode_latents"));
        FloatBuffer video = golden.floats("decode_video");
        Frames frames = decoder.decode(List.of(latents)).get(0);
        assertWithinOneLevel(frames, at -> Math.max(0, Math.min(1, (video.get(at) + 1) / 2.0)));
        if (golden.has("decode_other_rgb8")) {
            Latents other = new Latents(TestBuffers.floats(golden.floats("other_latents")), shape("other_latents"));
            assertWithinOneLevel(decoder.decode(List.of(other)).get(0), rgb8("decode_other_rgb8"));
        }
    }

    private Values rgb8(String name) {
        ByteBuffer rgb = golden.bytes(name);
        return at -> (rgb.get(at) & 0xff) / 255.0;
    }

    private List<Float> floats(JsonNode numbers) {
        return StreamSupport.stream(numbers.spliterator(), false)
                .map(number -> (float) number.asDouble())
                .toList();
    }

    /** The values of an RGB video [3,F,H,W] in [0, 1]. */
    @FunctionalInterface
    private interface Values {
        double get(int index);
    }

    /** Compares frames with an RGB video, by the luma of each pixel and the mean chroma of 2x2 pixels (BT.709). */
    private static void assertWithinOneLevel(Frames frames, Values rgb) {
        int width = frames.width();
        int height = frames.height();
        int plane = width * height;
        ByteBuffer yuv = frames.yuv();
        for (int frame = 0; frame < frames.count(); frame++) {
            int start = frame * plane * 3 / 2;
            double[][] chroma = new double[2][plane / 4];
            for (int pixel = 0; pixel < plane; pixel++) {
                double red = rgb.get(frame * plane + pixel);
                double green = rgb.get((frames.count() + frame) * plane + pixel);
                double blue = rgb.get((2 * frames.count() + frame) * plane + pixel);
                double luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
                assertThat((yuv.get(start + pixel) & 0xff) - (16 + 219 * luma)).isBetween(-1.51, 1.51);
                int quad = pixel / width / 2 * (width / 2) + pixel % width / 2;
                chroma[0][quad] += (blue - luma) / (2 * (1 - 0.0722)) / 4;
                chroma[1][quad] += (red - luma) / (2 * (1 - 0.2126)) / 4;
            }
            for (int i = 0; i < plane / 2; i++) {
                double expected = 128 + 224 * chroma[i / (plane / 4)][i % (plane / 4)];
                assertThat((yuv.get(start + plane + i) & 0xff) - expected).isBetween(-1.51, 1.51);
            }
        }
    }

    private static void assertClose(FloatBuffer actual, FloatBuffer expected) {
        assertThat(error(actual, expected)).isLessThan(BOUND);
    }

    /** Returns the largest difference, relative to the largest expected value. */
    private static double error(FloatBuffer actual, FloatBuffer expected) {
        assertThat(actual.remaining()).isEqualTo(expected.remaining());
        double largest = 0;
        double error = 0;
        for (int i = 0; i < expected.remaining(); i++) {
            largest = Math.max(largest, Math.abs(expected.get(i)));
            error = Math.max(error, Math.abs(actual.get(i) - expected.get(i)));
        }
        return error / largest;
    }
}
