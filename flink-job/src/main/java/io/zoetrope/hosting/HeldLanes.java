package io.zoetrope.hosting;

import io.zoetrope.decode.Frames;
import io.zoetrope.device.Device;
import io.zoetrope.device.DeviceGauges;
import io.zoetrope.generate.Latents;
import io.zoetrope.image.FirstFrame;
import io.zoetrope.image.FirstFrameInput;
import io.zoetrope.lane.Dispatch;
import io.zoetrope.lane.LaneClock;
import io.zoetrope.text.TextEmbedding;
import io.zoetrope.text.Tokens;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;

/** One engine's leases of lanes. Each stage is open on the devices where the engine's placement puts it. */
public final class HeldLanes implements AutoCloseable {
    private final Placement placement;
    private final Map<Device, Leases<ModelLanes.Key, DeviceLanes>.Lease> leases = new LinkedHashMap<>();

    private HeldLanes(Placement placement) {
        this.placement = placement;
    }

    /**
     * Leases the lanes of all devices of a placement, and opens the stages that are not open yet, on all devices in
     * parallel. On a fault, no lease is kept.
     *
     * @throws InterruptedException if interrupted; a stage that a lane has begun to open is opened to the end, then
     *     closed
     * @throws Exception from the model, if a stage cannot be opened
     */
    public static HeldLanes open(
            ModelLanes lanes, Model model, Placement placement, LaneOptions options, LaneClock clock) throws Exception {
        HeldLanes held = new HeldLanes(placement);
        CompletableFuture<Void> opened = CompletableFuture.completedFuture(null);
        try {
            for (Device device : placement.devices()) {
                held.leases.put(device, lanes.acquire(model, device, options, clock));
            }
            opened = held.openStages(model);
            awaitResult(opened);
            return held;
        } catch (Throwable e) {
            // Closes the leases before it waits for the openings. Closing a lane that no other engine holds fails the
            // openings that wait there. On a lane that another engine holds they continue, and use the model, which the
            // caller closes after a failure.
            held.close();
            opened.handle((done, fault) -> true).join();
            throw e;
        }
    }

    /** Returns a future that completes when all openings have completed, also if one fails. */
    private CompletableFuture<Void> openStages(Model model) {
        List<CompletableFuture<Void>> opening = new ArrayList<>();
        for (DeviceLanes lanes : all()) {
            for (DeviceLanes.HostedPorts<?, ?> ports : placed(lanes)) {
                opening.add(lanes.open(ports, model).toCompletableFuture());
            }
        }
        return CompletableFuture.allOf(opening.toArray(CompletableFuture[]::new));
    }

    /** Waits for a result without a time limit, and throws the cause of a failure in place of an ExecutionException. */
    public static <T> T awaitResult(CompletableFuture<T> stage) throws Exception {
        try {
            return stage.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** Returns the stages that the placement puts on this device. */
    private List<DeviceLanes.HostedPorts<?, ?>> placed(DeviceLanes lanes) {
        List<DeviceLanes.HostedPorts<?, ?>> placed = new ArrayList<>();
        if (placement.text().contains(lanes.device())) {
            placed.add(lanes.text());
        }
        if (placement.generate().contains(lanes.device())) {
            lanes.image().ifPresent(placed::add);
            placed.add(lanes.generate());
        }
        if (placement.decode().contains(lanes.device())) {
            placed.add(lanes.decode());
        }
        return placed;
    }

    /** Returns the leased lanes, one entry per device. */
    private List<DeviceLanes> all() {
        return leases.values().stream().map(lease -> lease.value()).toList();
    }

    /** Returns the gauges of the lanes, one entry per device. They keep their last values after the lanes close. */
    public List<DeviceGauges> gauges() {
        return all().stream().<DeviceGauges>map(LaneGauges::new).toList();
    }

    /** Returns the text encoder on all its lanes. */
    public Dispatch<Tokens, TextEmbedding> text() {
        return dispatch(placement.text(), DeviceLanes::text);
    }

    /** Returns the image encoder on the generator's lanes; empty if the model accepts no first frames. */
    public Optional<Dispatch<FirstFrameInput, FirstFrame>> image() {
        boolean acceptImages = all().stream().allMatch(lanes -> lanes.image().isPresent());
        return acceptImages
                ? Optional.of(
                        dispatch(placement.generate(), lanes -> lanes.image().orElseThrow()))
                : Optional.empty();
    }

    /** Returns the sampler on all its lanes. */
    public Dispatch<SamplingInput, Latents> generate() {
        return dispatch(placement.generate(), DeviceLanes::generate);
    }

    /** Returns the decoder on all its lanes. */
    public Dispatch<Latents, Frames> decode() {
        return dispatch(placement.decode(), DeviceLanes::decode);
    }

    private <I, O> Dispatch<I, O> dispatch(
            List<Device> devices, Function<DeviceLanes, DeviceLanes.HostedPorts<I, O>> stage) {
        return new Dispatch<>(devices.stream()
                .map(device -> Objects.requireNonNull(leases.get(device)).value())
                .flatMap(lanes -> stage.apply(lanes).ports().stream())
                .toList());
    }

    /** Returns whether an earlier engine has warmed up every stage and so measured its batch sizes. */
    public boolean isWarmedUp() {
        return all().stream()
                .flatMap(lanes -> placed(lanes).stream())
                .allMatch(ports -> ports.stage().isWarmedUp());
    }

    /** Records that every stage is warmed up, so that a later engine does not repeat it. */
    public void markWarmedUp() {
        all().forEach(lanes -> placed(lanes).forEach(ports -> ports.stage().markWarmedUp()));
    }

    /** Closes all leases, also if one fails. Returns after the lanes are closed that no other engine holds. */
    @Override
    public void close() {
        List<RuntimeException> faults = new ArrayList<>();
        for (Leases<ModelLanes.Key, DeviceLanes>.Lease lease : leases.values()) {
            try {
                lease.close();
            } catch (RuntimeException e) {
                faults.add(e);
            }
        }
        if (!faults.isEmpty()) {
            RuntimeException first = faults.remove(0);
            faults.forEach(first::addSuppressed);
            throw first;
        }
    }
}
