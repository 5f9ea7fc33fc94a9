package io.zoetrope.hosting;

import io.zoetrope.buffer.BufferPool;
import io.zoetrope.decode.Frames;
import io.zoetrope.device.Device;
import io.zoetrope.generate.Latents;
import io.zoetrope.image.FirstFrame;
import io.zoetrope.image.Picture;
import io.zoetrope.lane.BatchSizes;
import io.zoetrope.lane.BatchTable;
import io.zoetrope.lane.Lane;
import io.zoetrope.lane.LaneClock;
import io.zoetrope.lane.LaneMeter;
import io.zoetrope.lane.LaneObserver;
import io.zoetrope.lane.LanePort;
import io.zoetrope.lane.StageSpec;
import io.zoetrope.text.TextEmbedding;
import io.zoetrope.text.Tokens;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model on one device of this process: its lanes, and the stages that are their guests. A GPU has one lane. The CPU may
 * have several, which run the same stages side by side: each stage is open once, whatever lanes there are.
 */
final class DeviceLanes implements AutoCloseable {
    /**
     * A guest, and where its requests are handed in.
     *
     * @param guest to be opened first
     * @param ports of it, one for each lane
     */
    record Place<I, O>(HostedStage<I, O> guest, List<LanePort<I, O>> ports) {}

    private static final Logger LOG = LoggerFactory.getLogger(DeviceLanes.class);

    private final Device device;
    private final LaneOptions options;
    private final List<LaneMeter> meters = new ArrayList<>();
    private final List<Lane> lanes = new ArrayList<>();
    private final LanePort<Runnable, Runnable> chores;
    private final Place<Tokens, TextEmbedding> text;
    private final Optional<Place<Picture, FirstFrame>> image;
    private final Place<SamplingInput, Latents> generate;
    private final Place<Latents, Frames> decode;

    /** Starts so many lanes; no stage is open yet. */
    DeviceLanes(Model model, Device device, int count, LaneOptions options, LaneClock clock) {
        this.device = device;
        this.options = options;
        for (int i = 0; i < count; i++) {
            LaneMeter meter = new LaneMeter(clock);
            meters.add(meter);
            lanes.add(Lane.start(
                    count == 1 ? device.toString() : device + "-" + i,
                    clock,
                    LaneObserver.all(meter, new TableLog(model.name()))));
        }
        chores = lanes.get(0)
                .host(new StageSpec<>(
                        "open", DeviceLanes::runAll, chore -> "", new BatchSizes.Fixed(1), Duration.ZERO));
        StageContext context = new StageContext(
                device, options.sessionThreads(count), new BufferPool(ModelLanes.MOST_IDLE_BUFFER_BYTES));
        Model.MaxBatch most = model.maxBatch();
        text = place(
                new HostedStage<>("text", opening -> ModelStages.openText(opening, context)),
                tokens -> tokens.paddedLength(),
                most.text());
        image = model.images()
                .map(images -> place(
                        new HostedStage<>("image", opening -> ModelStages.openImage(imagesOf(opening), context)),
                        picture -> "all",
                        images.maxBatch()));
        generate = place(
                new HostedStage<>("generate", opening -> ModelStages.openGenerate(opening, context)),
                SamplingInput::bucket,
                most.generate());
        decode = place(
                new HostedStage<>("decode", opening -> ModelStages.openDecode(opening, context)),
                latents -> "all",
                most.decode());
    }

    private <I, O> Place<I, O> place(HostedStage<I, O> guest, Function<I, ?> bucket, int mostOfModel) {
        BatchSizes sizes = new BatchSizes.Measured(Math.min(options.batchMax(), mostOfModel), options.batchLatency());
        StageSpec<I, O> stage = new StageSpec<>(guest.name(), guest, bucket, sizes, options.batchWait());
        return new Place<>(guest, lanes.stream().map(lane -> lane.host(stage)).toList());
    }

    /** Models of one digest are alike in this too. */
    private static Model.Images imagesOf(Model model) {
        return model.images()
                .orElseThrow(() -> new IllegalStateException(
                        model.name() + " " + model.digest() + ": the model that started the lanes took first frames"));
    }

    private static List<Runnable> runAll(List<Runnable> batch) {
        batch.forEach(Runnable::run);
        return batch;
    }

    Device device() {
        return device;
    }

    /** How it runs, as its first user asked. */
    LaneOptions options() {
        return options;
    }

    /** What each lane has done so far. */
    List<LaneMeter> meters() {
        return List.copyOf(meters);
    }

    /** How many requests wait for the device. */
    int waiting() {
        return lanes.stream().mapToInt(Lane::waiting).sum();
    }

    Place<Tokens, TextEmbedding> text() {
        return text;
    }

    /** Empty if the model takes no first frames. */
    Optional<Place<Picture, FirstFrame>> image() {
        return image;
    }

    Place<SamplingInput, Latents> generate() {
        return generate;
    }

    Place<Latents, Frames> decode() {
        return decode;
    }

    /** Opens a guest of these lanes, unless it is open; one for all of them. */
    CompletionStage<Void> open(Place<?, ?> place, Model model) {
        return place.guest().open(chores, model);
    }

    /** The guests, open or not. */
    List<HostedStage<?, ?>> guests() {
        List<HostedStage<?, ?>> guests = new ArrayList<>(List.of(text.guest(), generate.guest(), decode.guest()));
        image.ifPresent(place -> guests.add(place.guest()));
        return guests;
    }

    /** Fails what waits, lets what runs on any lane end, then frees the stages. */
    @Override
    public void close() {
        lanes.forEach(Lane::close);
        try {
            decode.guest().close();
        } finally {
            try {
                generate.guest().close();
            } finally {
                try {
                    image.ifPresent(place -> place.guest().close());
                } finally {
                    text.guest().close();
                }
            }
        }
    }

    private record TableLog(String model) implements LaneObserver {
        @Override
        public void measured(String lane, BatchTable table) {
            LOG.info("{} on {}: measured {}", model, lane, table);
        }
    }
}
