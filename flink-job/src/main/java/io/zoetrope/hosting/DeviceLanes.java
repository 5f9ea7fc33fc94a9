package io.zoetrope.hosting;

import io.zoetrope.buffer.BufferPool;
import io.zoetrope.decode.Frames;
import io.zoetrope.device.Device;
import io.zoetrope.generate.Latents;
import io.zoetrope.image.FirstFrame;
import io.zoetrope.image.FirstFrameInput;
import io.zoetrope.lane.BatchSizes;
import io.zoetrope.lane.BatchTables;
import io.zoetrope.lane.Dispatch;
import io.zoetrope.lane.Lane;
import io.zoetrope.lane.LaneClock;
import io.zoetrope.lane.LaneMeter;
import io.zoetrope.lane.LaneObserver;
import io.zoetrope.lane.LanePort;
import io.zoetrope.lane.ProcessEnd;
import io.zoetrope.lane.StageSpec;
import io.zoetrope.lane.Watchdog;
import io.zoetrope.text.TextEmbedding;
import io.zoetrope.text.Tokens;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * A model on one device of this process: its lanes and the stages that they host. A GPU has one lane. The CPU may have
 * several lanes, which run the same stages in parallel; each stage is open once, however many lanes run it.
 */
final class DeviceLanes implements AutoCloseable {
    /**
     * A stage and the ports that accept its requests.
     *
     * @param stage the stage, to be opened before the first request
     * @param ports one port per lane
     */
    record HostedPorts<I, O>(HostedStage<I, O> stage, List<LanePort<I, O>> ports) {}

    private final Device device;
    private final LaneOptions options;
    private final BatchTables tables;
    private final Watchdog watchdog;
    private final List<LaneMeter> meters = new ArrayList<>();
    private final List<Lane> lanes = new ArrayList<>();
    /** Runs a task on the thread of a lane that is in use; opens the stages. */
    private final Dispatch<Runnable, Runnable> tasks;

    private final HostedPorts<Tokens, TextEmbedding> text;
    private final Optional<HostedPorts<FirstFrameInput, FirstFrame>> image;
    private final HostedPorts<SamplingInput, Latents> generate;
    private final HostedPorts<Latents, Frames> decode;

    /**
     * Starts the lanes of a device; no stage is open yet. If one cannot be started, none keeps running.
     *
     * @param count the number of lanes
     * @param tables the batch sizes that earlier lanes have measured, to which these add theirs
     * @param processEnd ends the process when a native call does not return
     */
    DeviceLanes(
            Model model,
            Device device,
            int count,
            LaneOptions options,
            BatchTables tables,
            LaneClock clock,
            ProcessEnd processEnd) {
        this.device = device;
        this.options = options;
        this.tables = tables;
        watchdog = Watchdog.start(device.toString(), options.limits(), clock, processEnd);
        try {
            for (int i = 0; i < count; i++) {
                LaneMeter meter = new LaneMeter(clock);
                meters.add(meter);
                lanes.add(Lane.start(
                        count == 1 ? device.toString() : device + "-" + i,
                        clock,
                        LaneObserver.all(meter, new LaneLog(model.name())),
                        watchdog));
            }
            tasks = tasks(lanes);
            StageContext context = new StageContext(
                    device, options.sessionThreads(count), new BufferPool(ModelLanes.MOST_IDLE_BUFFER_BYTES), options);
            Model.MaxBatch maxBatch = model.maxBatch();
            text = host(
                    new HostedStage<>("text", count > 1, opening -> ModelStages.openText(opening, context)),
                    tokens -> tokens.paddedLength(),
                    maxBatch.text());
            image = model.images()
                    .map(images -> host(
                            new HostedStage<>(
                                    "image", count > 1, opening -> ModelStages.openImage(imagesOf(opening), context)),
                            input ->
                                    input.latentFrames() + "x" + input.picture().height() + "x"
                                            + input.picture().width(),
                            images.maxBatch()));
            generate = host(
                    new HostedStage<>("generate", count > 1, opening -> ModelStages.openGenerate(opening, context)),
                    SamplingInput::bucket,
                    maxBatch.generate());
            decode = host(
                    new HostedStage<>("decode", count > 1, opening -> ModelStages.openDecode(opening, context)),
                    latents -> latents.shape().frames() + "x" + latents.shape().height() + "x"
                            + latents.shape().width(),
                    maxBatch.decode());
        } catch (Throwable fault) { // Catches Errors too: a process may be unable to start another thread.
            closeLanes();
            throw fault;
        }
    }

    /** Returns a port for tasks, each of which runs on the thread of one lane that is in use. */
    static Dispatch<Runnable, Runnable> tasks(List<Lane> lanes) {
        StageSpec<Runnable, Runnable> spec =
                new StageSpec<>("open", DeviceLanes::runAll, task -> "", new BatchSizes.Fixed(1), Duration.ZERO);
        return new Dispatch<>(lanes.stream().map(lane -> lane.host(spec)).toList());
    }

    private <I, O> HostedPorts<I, O> host(HostedStage<I, O> stage, Function<I, ?> bucket, int maxBatchOfModel) {
        BatchSizes sizes =
                new BatchSizes.Measured(Math.min(options.batchMax(), maxBatchOfModel), options.batchLatency(), tables);
        StageSpec<I, O> spec = new StageSpec<>(stage.name(), stage, bucket, sizes, options.batchWait());
        return new HostedPorts<>(
                stage, lanes.stream().map(lane -> lane.host(spec)).toList());
    }

    /**
     * Returns how a model reads and encodes first frames. Either all models of one digest accept first frames, or none
     * does.
     */
    private static Model.Images imagesOf(Model model) {
        return model.images()
                .orElseThrow(() -> new IllegalStateException("model " + model.name()
                        + " accepts no first frames, but the model with the same digest that"
                        + " started the lanes did (" + model.digest() + "); a digest must identify one bundle"));
    }

    private static List<Runnable> runAll(List<Runnable> batch) {
        batch.forEach(Runnable::run);
        return batch;
    }

    Device device() {
        return device;
    }

    /** Returns the options in force: those of the engine that started the lanes. */
    LaneOptions options() {
        return options;
    }

    /** Returns one meter per lane. */
    List<LaneMeter> meters() {
        return List.copyOf(meters);
    }

    /** Returns whether at least one lane is in use. */
    boolean isUsable() {
        return lanes.stream().anyMatch(lane -> !lane.isOut());
    }

    /** Returns the number of lanes that were taken out of use. */
    int lanesOut() {
        return (int) lanes.stream().filter(Lane::isOut).count();
    }

    /** Returns how many requests wait for the device, over all lanes. */
    int waiting() {
        return lanes.stream().mapToInt(Lane::waiting).sum();
    }

    HostedPorts<Tokens, TextEmbedding> text() {
        return text;
    }

    /** Returns the image encoder; empty if the model accepts no first frames. */
    Optional<HostedPorts<FirstFrameInput, FirstFrame>> image() {
        return image;
    }

    HostedPorts<SamplingInput, Latents> generate() {
        return generate;
    }

    HostedPorts<Latents, Frames> decode() {
        return decode;
    }

    /** Opens a stage once for all lanes, unless it is open. */
    CompletionStage<Void> open(HostedPorts<?, ?> ports, Model model) {
        return ports.stage().open(tasks, model);
    }

    /** Returns all stages, open or not. */
    List<HostedStage<?, ?>> stages() {
        List<HostedStage<?, ?>> stages = new ArrayList<>(List.of(text.stage(), generate.stage(), decode.stage()));
        image.ifPresent(ports -> stages.add(ports.stage()));
        return stages;
    }

    /** Fails waiting requests, waits for the run of each lane to end, then frees the stages. */
    @Override
    public void close() {
        closeLanes();
        try {
            decode.stage().close();
        } finally {
            try {
                generate.stage().close();
            } finally {
                try {
                    image.ifPresent(ports -> ports.stage().close());
                } finally {
                    text.stage().close();
                }
            }
        }
    }

    private void closeLanes() {
        lanes.forEach(Lane::close);
        watchdog.close();
    }
}
