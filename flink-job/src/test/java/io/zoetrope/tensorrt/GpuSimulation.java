package io.zoetrope.tensorrt;

import io.zoetrope.buffer.BufferPool;
import io.zoetrope.buffer.FloatMemory;
import io.zoetrope.buffer.Pooled;
import io.zoetrope.bundle.BundleFolder;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.decode.Frames;
import io.zoetrope.device.GpuSettings;
import io.zoetrope.failure.DeviceFaultException;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.generate.Condition;
import io.zoetrope.generate.Generator;
import io.zoetrope.generate.Latents;
import io.zoetrope.generate.Sampler;
import io.zoetrope.generate.Schedule;
import io.zoetrope.image.FirstFrame;
import io.zoetrope.image.FirstFrameInput;
import io.zoetrope.image.Picture;
import io.zoetrope.text.TextEmbedding;
import io.zoetrope.text.Tokens;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A simulation of the stages on one or two fake GPUs in virtual time, with every kind of event drawn from a seed: stages
 * that open, run batches and close, values that are read and closed in any order and also after their stage, a lack of
 * memory, lost devices, engines from a folder in which files are damaged and exchanged.
 */
final class GpuSimulation {
    private static final int EVENTS = 40;
    private static final ModelBundle BUNDLE = ModelBundle.open(BundleFolder.withImages());
    private static final List<Schedule> SCHEDULES = List.of(
            new Schedule(Schedule.Move.RENOISE, List.of(1f), List.of(1f)),
            new Schedule(Schedule.Move.RENOISE, List.of(1f, 0.5f), List.of(1f, 0.5f)),
            new Schedule(Schedule.Move.EULER, List.of(1f, 0.5f), List.of(0.9f, 0.4f)),
            new Schedule(Schedule.Move.TIME_TRAVEL, List.of(0.5f, 1f), List.of(0.5f, 1f)));

    /** A value of a stage with the numbers that it must have. */
    private static final class Value<T extends Pooled> {
        private final T held;
        private final FloatMemory memory;
        private final float[] expected;

        Value(T held, FloatMemory memory, float[] expected) {
            this.held = held;
            this.memory = memory;
            this.expected = expected;
        }

        T held() {
            return held;
        }

        FloatMemory memory() {
            return memory;
        }

        float[] expected() {
            return expected;
        }
    }

    /** The stages of one device, as far as they are open. */
    private static final class Site {
        private @Nullable TensorRtTextEncoder text;
        private @Nullable TensorRtImageEncoder image;
        private @Nullable TensorRtGenerator generator;
        private @Nullable TensorRtFrameDecoder decoder;
    }

    private final SplittableRandom random;
    private final FakeGpu gpu;
    private final TensorRtProcess process;
    private final GpuReference reference = new GpuReference(BUNDLE.manifest());
    private final BufferPool buffers = new BufferPool(1 << 20);
    private final int batchMax;
    private final Optional<Path> folder;
    private final List<Site> sites = new ArrayList<>();
    private final List<Value<TextEmbedding>> texts = new ArrayList<>();
    private final List<Value<FirstFrame>> images = new ArrayList<>();
    private final List<Value<Latents>> latents = new ArrayList<>();
    private final List<String> broken = new ArrayList<>();
    private boolean noMemory;

    /**
     * Creates a simulation.
     *
     * @param folder the folder of engines, which other simulations may have filled; empty for none
     * @param between changes the libraries, to plant faults
     */
    GpuSimulation(long seed, Optional<Path> folder, UnaryOperator<Libraries> between) {
        random = new SplittableRandom(seed);
        this.folder = folder;
        gpu = new FakeGpu(1 + random.nextInt(2), BUNDLE.manifest());
        gpu.capturable = random.nextInt(4) > 0;
        batchMax = random.nextInt(3) == 0 ? 1 : 4;
        gpu.batchMax = batchMax;
        gpu.onCall = this::mayFail;
        process = new TensorRtProcess(between.apply(gpu.libraries()), gpu::nanoTime);
        for (int device = 0; device < gpu.devices; device++) {
            sites.add(new Site());
        }
    }

    /** Runs all events and returns the broken promises. */
    List<String> run() {
        for (int event = 0; event < EVENTS; event++) {
            int device = random.nextInt(sites.size());
            attempt(device, () -> happen(device));
        }
        noMemory = false;
        for (int device = 0; device < sites.size(); device++) {
            gpu.repair(device);
            close(sites.get(device), 4);
        }
        Stream.of(texts, images, latents)
                .forEach(values -> values.forEach(value -> value.held().close()));
        if (buffers.outstanding() != 0) {
            broken.add("leak: " + buffers.outstanding() + " buffers of the host");
        }
        broken.addAll(gpu.brokenAtTheEnd());
        return broken;
    }

    /** Returns the broken promises of a simulation that an exception has ended. */
    List<String> brokenSoFar() {
        return gpu.broken;
    }

    private void mayFail(String call) {
        if (noMemory && call.startsWith("cudaMalloc") && random.nextInt(2) == 0) {
            throw FakeGpu.outOfMemory(call);
        }
    }

    private void happen(int device) {
        Site site = sites.get(device);
        switch (random.nextInt(16)) {
            case 0, 1 -> text(site, device);
            case 2 -> image(site, device);
            case 3, 4, 5 -> generate(site, device);
            case 6, 7, 8 -> decode(site, device);
            case 9 -> noMemory = random.nextInt(3) == 0;
            case 10 -> {
                if (random.nextInt(5) == 0) {
                    gpu.lose(device);
                }
            }
            case 11 -> close(site, random.nextInt(4));
            case 12 -> folder.ifPresent(this::poison);
            default -> readOrClose();
        }
    }

    /** Does something that may end with a fault that was planted, and with no other. */
    private void attempt(int device, Runnable action) {
        try {
            action.run();
        } catch (RequestException e) {
            boolean caused = e.code() == FailureCode.OUT_OF_MEMORY
                    ? noMemory
                    : e.getCause() instanceof DeviceFaultException && gpu.isLost();
            if (!caused) {
                broken.add("a request failed without a cause: " + e);
            }
            recover(device);
        } catch (IllegalStateException e) { // a stage that cannot be opened
            if (!noMemory && !gpu.isLost()) {
                broken.add("a stage did not open without a cause: " + e);
            }
            recover(device);
        } catch (CudaFault e) { // a value of a lost device that another device reads
            if (!noMemory && !gpu.isLost()) {
                broken.add("a value could not be read without a cause: " + e);
            }
        }
    }

    /** Does what a lane does after a fault of the device: opens the stages anew, on a device that may work again. */
    private void recover(int device) {
        if (gpu.isLost() && random.nextInt(2) == 0) {
            close(sites.get(device), 4);
            for (int each = 0; each < sites.size(); each++) {
                gpu.repair(each);
            }
        }
    }

    private EngineSpec spec(int device) {
        GpuSettings settings = new GpuSettings(
                GpuSettings.DEFAULT.providers(),
                0,
                GpuSettings.DEFAULT.arena(),
                GpuSettings.DEFAULT.precision(),
                folder.map(Path::toString).orElse(""));
        return new EngineSpec(process, device, settings, batchMax, buffers);
    }

    private void text(Site site, int device) {
        TensorRtTextEncoder encoder = site.text == null ? TensorRtTextEncoder.open(BUNDLE, spec(device)) : site.text;
        site.text = encoder;
        int padded = random.nextBoolean() ? 8 : 16;
        List<Tokens> batch = new ArrayList<>();
        List<float[]> expected = new ArrayList<>();
        for (int row = 1 + random.nextInt(batchMax); row > 0; row--) {
            long[] ids = random.longs(padded, 0, 1000).toArray();
            int length = 1 + random.nextInt(padded);
            batch.add(new Tokens(LongBuffer.wrap(ids), length));
            expected.add(reference.text(ids, length));
        }
        List<TextEmbedding> encoded = encoder.encode(batch);
        for (int row = 0; row < encoded.size(); row++) {
            texts.add(new Value<>(encoded.get(row), encoded.get(row).memory(), expected.get(row)));
        }
    }

    private void image(Site site, int device) {
        TensorRtImageEncoder encoder =
                site.image == null ? TensorRtImageEncoder.open(BUNDLE, spec(device)) : site.image;
        site.image = encoder;
        List<FirstFrameInput> batch = new ArrayList<>();
        List<float[]> expected = new ArrayList<>();
        for (int row = 1 + random.nextInt(batchMax); row > 0; row--) {
            byte[] rgb = new byte[16 * 16 * 3];
            Arrays.fill(rgb, (byte) random.nextInt());
            batch.add(new FirstFrameInput(new Picture(ByteBuffer.wrap(rgb), 16, 16), 2));
            expected.add(reference.image(rgb));
        }
        List<FirstFrame> encoded = encoder.encode(batch);
        for (int row = 0; row < encoded.size(); row++) {
            images.add(new Value<>(encoded.get(row), encoded.get(row).memory(), expected.get(row)));
        }
    }

    private void generate(Site site, int device) {
        TensorRtGenerator generator =
                site.generator == null ? TensorRtGenerator.open(BUNDLE, "generator", spec(device)) : site.generator;
        site.generator = generator;
        if (texts.isEmpty()) {
            return;
        }
        int padded = texts.get(random.nextInt(texts.size())).held().paddedLength();
        List<Value<TextEmbedding>> prompts = texts.stream()
                .filter(text -> text.held().paddedLength() == padded)
                .limit(1 + random.nextInt(batchMax))
                .toList();
        Schedule schedule = SCHEDULES.get(random.nextInt(SCHEDULES.size()));
        List<Condition> conditions = new ArrayList<>();
        long[] seeds = random.longs(prompts.size(), 0, 1L << 53).toArray();
        List<float[]> expected = new ArrayList<>();
        for (Value<TextEmbedding> prompt : prompts) {
            Optional<Value<FirstFrame>> first = images.isEmpty() || random.nextBoolean()
                    ? Optional.empty()
                    : Optional.of(images.get(random.nextInt(images.size())));
            expected.add(reference.generate(
                    schedule,
                    seeds[conditions.size()],
                    prompt.expected(),
                    prompt.held().length(),
                    first.map(Value::expected)));
            conditions.add(new Condition(prompt.held(), first.map(Value::held)));
        }
        List<Generator> passes = new ArrayList<>();
        for (int pass = 0; pass < schedule.steps(); pass++) {
            passes.add(generator);
        }
        List<Latents> clips =
                new Sampler(schedule, buffers).sample(List.copyOf(passes), GpuReference.SHAPE, conditions, seeds);
        for (int row = 0; row < clips.size(); row++) {
            latents.add(new Value<>(clips.get(row), clips.get(row).memory(), expected.get(row)));
        }
    }

    private void decode(Site site, int device) {
        TensorRtFrameDecoder decoder =
                site.decoder == null ? TensorRtFrameDecoder.open(BUNDLE, spec(device)) : site.decoder;
        site.decoder = decoder;
        if (latents.isEmpty()) {
            return;
        }
        List<Value<Latents>> clips =
                latents.stream().limit(1 + random.nextInt(batchMax)).toList();
        List<Frames> frames = decoder.decode(clips.stream().map(Value::held).toList());
        for (int row = 0; row < frames.size(); row++) {
            byte[] bytes = new byte[frames.get(row).yuv().remaining()];
            frames.get(row).yuv().get(bytes);
            if (!Arrays.equals(bytes, reference.decode(clips.get(row).expected()))) {
                broken.add("a decoded video is not that of its latents");
            }
            frames.get(row).close();
        }
    }

    private void readOrClose() {
        List<List<? extends Value<?>>> kinds = List.of(texts, images, latents);
        List<? extends Value<?>> values = kinds.get(random.nextInt(kinds.size()));
        if (values.isEmpty()) {
            return;
        }
        int index = random.nextInt(values.size());
        Value<?> value = values.get(index);
        if (random.nextInt(3) > 0) {
            values.remove(index);
            value.held().close();
            value.held().close(); // a second close does nothing
            return;
        }
        float[] numbers = new float[value.expected().length];
        value.memory().floats().get(numbers);
        if (!Arrays.equals(numbers, value.expected())) {
            broken.add("a value is not that of its request");
        }
    }

    /** Closes the stage of a number, or all for 4. */
    private static void close(Site site, int stage) {
        if ((stage == 0 || stage == 4) && site.text != null) {
            site.text.close();
            site.text = null;
        }
        if ((stage == 1 || stage == 4) && site.image != null) {
            site.image.close();
            site.image = null;
        }
        if ((stage == 2 || stage == 4) && site.generator != null) {
            site.generator.close();
            site.generator = null;
        }
        if ((stage == 3 || stage == 4) && site.decoder != null) {
            site.decoder.close();
            site.decoder = null;
        }
    }

    /** Damages a stored engine: cuts it, changes a byte, or puts another one in its place. */
    private void poison(Path root) {
        if (!Files.isDirectory(root)) {
            return;
        }
        try (Stream<Path> files = Files.walk(root)) {
            List<Path> engines = files.filter(file -> file.toString().endsWith(".engine"))
                    .sorted()
                    .toList();
            if (engines.isEmpty()) {
                return;
            }
            Path file = engines.get(random.nextInt(engines.size()));
            byte[] content = Files.readAllBytes(file);
            if (content.length == 0) {
                return;
            }
            switch (random.nextInt(3)) {
                case 0 -> Files.write(file, Arrays.copyOf(content, random.nextInt(content.length)));
                case 1 -> {
                    content[random.nextInt(content.length)] ^= 1;
                    Files.write(file, content);
                }
                default -> Files.write(file, Files.readAllBytes(engines.get(random.nextInt(engines.size()))));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
