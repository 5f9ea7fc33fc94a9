package io.zoetrope.cli;

import io.zoetrope.ServedBundles;
import io.zoetrope.config.JobConfig;
import io.zoetrope.device.DeviceGauges;
import io.zoetrope.device.DeviceGauges.BatchChoice;
import io.zoetrope.device.DevicesNeeded;
import io.zoetrope.device.RequestCost;
import io.zoetrope.engine.Engine;
import io.zoetrope.engine.EngineSet;
import io.zoetrope.prompt.ModelLimits;
import io.zoetrope.prompt.Prompt;
import io.zoetrope.prompt.RequestId;
import io.zoetrope.prompt.VideoShape;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "sizing",
        header = "Measures a bundle on this machine, and computes how many devices a load needs.",
        description = {
            "Runs every shape that the bundle supports until the size of its batches is measured, as the job does for"
                    + " its first prompt of a shape, and prints the time of one device for a prompt, the prompts that a"
                    + " device answers in a minute, and the devices with which 99 of 100 prompts wait no longer than"
                    + " --wait. A device is a GPU, or all lanes of a CPU."
        },
        footer = {
            "",
            "Examples:",
            "  ./zoetrope sizing",
            "  ./zoetrope sizing --bundle bundles/fastwan-5b --devices cuda:0 --per-minute 40 --wait-seconds 20",
            "",
            "The numbers hold for this machine while nothing else runs on it, and without encoding videos."
        })
final class SizingCommand implements Callable<Integer> {
    @Option(
            names = "--per-minute",
            paramLabel = "NUMBER",
            description = "Prompts that arrive in a minute. Default: ${DEFAULT-VALUE}.")
    private double perMinute = 60;

    @Option(
            names = "--wait-seconds",
            paramLabel = "NUMBER",
            description = "How long 99 of 100 prompts may wait for a device. Default: ${DEFAULT-VALUE}.")
    private double waitSeconds = 10;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before it calls the command
    private CommandSpec spec;

    /** A shape of videos, and the number of steps. */
    private record Shape(int steps, VideoShape video) {}

    @Override
    public Integer call() throws Exception {
        if (!(perMinute > 0) || !(waitSeconds >= 0)) {
            throw new UsageException("sizing: expected --per-minute above 0 and --wait-seconds of at least 0, got "
                    + perMinute + " and " + waitSeconds);
        }
        JobConfig config = LocalStack.check(List.of(JobArguments.shippedBundle()), JobArguments.all(spec));
        for (EngineSet.Served model : ServedBundles.inThisProcess(config).served()) {
            try (Engine engine = model.engine().open(List::of)) {
                print(model, engine);
            }
        }
        return Zoetrope.OK;
    }

    private void print(EngineSet.Served model, Engine engine) throws Exception {
        List<DeviceGauges> devices = engine.gauges().devices();
        out().println(model.id() + " on "
                + devices.stream().map(SizingCommand::name).collect(Collectors.joining(", ")));
        out().println(String.format(
                Locale.ROOT,
                "steps  size       frames  s/prompt  a minute and device  devices for %.1f/min, 99%% wait <= %.1f s",
                perMinute,
                waitSeconds));
        Set<String> known = new HashSet<>();
        for (Shape shape : shapes(model.limits())) {
            if (!known.isEmpty()) { // the first shape is measured when the engine opens
                run(engine, shape);
            }
            generated(devices).stream()
                    .filter(known::add)
                    .findFirst()
                    .ifPresent(bucket -> print(shape, devices, bucket));
        }
    }

    private void print(Shape shape, List<DeviceGauges> devices, String bucket) {
        RequestCost cost =
                RequestCost.of(devices, choice -> isOf(choice, bucket)).orElseThrow();
        DevicesNeeded needed =
                DevicesNeeded.of(perMinute / 60, cost.time(), Duration.ofNanos(Math.round(waitSeconds * 1e9)));
        out().println(String.format(
                Locale.ROOT,
                "%-5d  %-9s  %-6d  %8.3f  %19.1f  %d (%.0f%% busy)",
                shape.steps(),
                shape.video().width() + "x" + shape.video().height(),
                shape.video().frames(),
                cost.seconds(),
                60 / cost.seconds(),
                needed.devices(),
                100 * needed.busy()));
        out().flush();
    }

    /** Returns the shapes that the model supports, the usual one first; only that one if a first frame is required. */
    private static List<Shape> shapes(ModelLimits limits) {
        List<Shape> all = limits.sizes().stream()
                .flatMap(size -> limits.frames().stream()
                        .flatMap(frames -> limits.steps().stream()
                                .map(steps -> new Shape(steps, new VideoShape(size.width(), size.height(), frames)))))
                .toList();
        return limits.firstFrame() == ModelLimits.FirstFrameUse.REQUIRED ? all.subList(0, 1) : all;
    }

    private static void run(Engine engine, Shape shape) throws Exception {
        engine.generate(new Prompt(
                        new RequestId("sizing"),
                        "warm-up", // as long as the text with which the engine measures the usual shape
                        0,
                        shape.steps(),
                        shape.video(),
                        Optional.empty(),
                        Optional.empty(),
                        Map.of(),
                        Instant.now()))
                .toCompletableFuture()
                .get();
    }

    /** Returns the buckets of the generator that are measured, in the order in which they were. */
    private static List<String> generated(List<DeviceGauges> devices) {
        return devices.stream()
                .flatMap(device -> device.batchChoices().stream())
                .filter(choice -> choice.stage().equals("generate"))
                .map(BatchChoice::bucket)
                .distinct()
                .toList();
    }

    /** Returns whether batches count for a bucket of the generator: its own, and those of its text and its latents. */
    private static boolean isOf(BatchChoice choice, String bucket) {
        return switch (choice.stage()) {
            case "generate" -> choice.bucket().equals(bucket);
            case "text" -> bucket.startsWith(choice.bucket() + "x");
            case "decode" -> bucket.endsWith("x" + choice.bucket());
            default -> false;
        };
    }

    private static String name(DeviceGauges device) {
        return device.device() + (device.laneCount() == 1 ? "" : " (" + device.laneCount() + " lanes)");
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
