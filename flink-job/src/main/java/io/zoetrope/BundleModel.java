package io.zoetrope;

import io.zoetrope.bundle.FrameSize;
import io.zoetrope.bundle.GraphFile;
import io.zoetrope.bundle.LatentLayout;
import io.zoetrope.bundle.Manifest;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.bundle.SamplerSpec;
import io.zoetrope.decode.FrameDecoder;
import io.zoetrope.device.Device;
import io.zoetrope.device.GpuSettings;
import io.zoetrope.device.Provider;
import io.zoetrope.device.ProviderChoice;
import io.zoetrope.djl.DjlTokenizer;
import io.zoetrope.encode.FrameRate;
import io.zoetrope.generate.Generator;
import io.zoetrope.generate.LatentShape;
import io.zoetrope.hosting.Model;
import io.zoetrope.hosting.StageContext;
import io.zoetrope.image.ImageEncoder;
import io.zoetrope.image.ImageLimits;
import io.zoetrope.image.PictureReader;
import io.zoetrope.imageio.ImageIoReader;
import io.zoetrope.onnx.ExecutionProvider;
import io.zoetrope.onnx.OnnxFrameDecoder;
import io.zoetrope.onnx.OnnxGenerator;
import io.zoetrope.onnx.OnnxImageEncoder;
import io.zoetrope.onnx.OnnxTextEncoder;
import io.zoetrope.onnx.SessionSpec;
import io.zoetrope.prompt.VideoShape;
import io.zoetrope.tensorrt.EngineSpec;
import io.zoetrope.tensorrt.TensorRtFrameDecoder;
import io.zoetrope.tensorrt.TensorRtGenerator;
import io.zoetrope.tensorrt.TensorRtImageEncoder;
import io.zoetrope.tensorrt.TensorRtProcess;
import io.zoetrope.tensorrt.TensorRtTextEncoder;
import io.zoetrope.text.TextEncoder;
import io.zoetrope.text.Tokenizer;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The model of a bundle, which ONNX Runtime or TensorRT runs. */
public final class BundleModel implements Model {
    private final ModelBundle bundle;
    private final DjlTokenizer tokenizer;
    private final ImageLimits imageLimits;

    private BundleModel(ModelBundle bundle, DjlTokenizer tokenizer, ImageLimits imageLimits) {
        this.bundle = bundle;
        this.tokenizer = tokenizer;
        this.imageLimits = imageLimits;
    }

    /** Loads the tokenizer of a bundle, with the default limits of images; see {@link #open(ModelBundle, ImageLimits)}. */
    public static BundleModel open(ModelBundle bundle) {
        return open(bundle, ImageLimits.DEFAULT);
    }

    /**
     * Loads the tokenizer of a bundle. The stages are opened later, one by one.
     *
     * @param imageLimits the largest first frame that is decoded
     * @throws io.zoetrope.bundle.BundleException if the tokenizer's file cannot be read as one
     */
    public static BundleModel open(ModelBundle bundle, ImageLimits imageLimits) {
        return new BundleModel(bundle, DjlTokenizer.open(bundle), imageLimits);
    }

    @Override
    public String name() {
        return manifest().name();
    }

    @Override
    public String digest() {
        return bundle.digest();
    }

    @Override
    public FrameRate frameRate() {
        return new FrameRate(
                manifest().video().frameRateNum(), manifest().video().frameRateDen());
    }

    @Override
    public VideoShape defaultShape() {
        FrameSize size = manifest().video().sizes().get(0);
        return new VideoShape(
                size.width(), size.height(), manifest().video().frameCounts().get(0));
    }

    @Override
    public LatentShape latentShape(VideoShape shape) {
        LatentLayout layout = manifest().latents();
        return new LatentShape(
                layout.channels(),
                layout.latentFrames(shape.frames()),
                layout.cells(shape.height()),
                layout.cells(shape.width()));
    }

    @Override
    public int defaultSteps() {
        return manifest().defaultSteps();
    }

    @Override
    public List<SamplerSpec> samplers() {
        return manifest().samplers();
    }

    @Override
    public MaxBatch maxBatch() {
        return maxBatch(manifest());
    }

    /** Returns the largest batch of each stage, according to the manifest. */
    static MaxBatch maxBatch(Manifest manifest) {
        return new MaxBatch(
                manifest.textEncoder().maxBatch(),
                manifest.generators().values().stream()
                        .mapToInt(GraphFile::maxBatch)
                        .min()
                        .orElseThrow(),
                manifest.decoder().maxBatch());
    }

    @Override
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    @Override
    public TextEncoder openTextEncoder(StageContext context) {
        return usesEngines(context, ProviderChoice::text)
                ? TensorRtTextEncoder.open(bundle, engineSpec(context))
                : OnnxTextEncoder.open(bundle, sessionSpec(context, ProviderChoice::text));
    }

    @Override
    public Generator openGenerator(String name, StageContext context) {
        return usesEngines(context, ProviderChoice::generate)
                ? TensorRtGenerator.open(bundle, name, engineSpec(context))
                : OnnxGenerator.open(bundle, name, sessionSpec(context, ProviderChoice::generate));
    }

    @Override
    public FrameDecoder openDecoder(StageContext context) {
        return usesEngines(context, ProviderChoice::decode)
                ? TensorRtFrameDecoder.open(bundle, engineSpec(context))
                : OnnxFrameDecoder.open(bundle, sessionSpec(context, ProviderChoice::decode));
    }

    @Override
    public Optional<Images> images() {
        return manifest().imageEncoder().map(encoder -> new BundleImages(bundle, encoder.maxBatch(), imageLimits));
    }

    /** The picture reader and the image encoder of a bundle that has one. */
    private record BundleImages(ModelBundle bundle, int maxBatch, ImageLimits limits) implements Images {
        @Override
        public PictureReader reader(VideoShape shape) {
            return new ImageIoReader(shape.width(), shape.height(), limits);
        }

        @Override
        public ImageEncoder openEncoder(StageContext context) {
            return usesEngines(context, ProviderChoice::generate)
                    ? TensorRtImageEncoder.open(bundle, engineSpec(context))
                    : OnnxImageEncoder.open(bundle, sessionSpec(context, ProviderChoice::generate));
        }
    }

    @Override
    public void close() {
        tokenizer.close();
    }

    private Manifest manifest() {
        return bundle.manifest();
    }

    private static boolean usesEngines(StageContext context, Function<ProviderChoice, Provider> stage) {
        return context.device().kind() == Device.Kind.CUDA
                && stage.apply(context.options().gpu().providers()) == Provider.TENSORRT_ENGINE;
    }

    private static EngineSpec engineSpec(StageContext context) {
        return new EngineSpec(
                TensorRtProcess.processWide(),
                context.device().index(),
                context.options().gpu(),
                context.options().batchMax(),
                context.buffers());
    }

    private static SessionSpec sessionSpec(StageContext context, Function<ProviderChoice, Provider> stage) {
        return new SessionSpec(provider(context, stage), context.threads(), context.buffers());
    }

    private static ExecutionProvider provider(StageContext context, Function<ProviderChoice, Provider> stage) {
        Device device = context.device();
        GpuSettings settings = context.options().gpu();
        return switch (device.kind()) {
            case CPU -> new ExecutionProvider.Cpu();
            case CUDA ->
                gpu(
                        device,
                        stage.apply(settings.providers()),
                        settings,
                        context.options().batchMax());
        };
    }

    /** Returns a GPU, on which {@code auto} means CUDA. */
    static ExecutionProvider.Gpu gpu(Device device, Provider chosen, GpuSettings settings, int batchMax) {
        Provider provider = chosen == Provider.AUTO ? Provider.CUDA : chosen;
        return new ExecutionProvider.Gpu(device.index(), provider, settings, batchMax);
    }
}
