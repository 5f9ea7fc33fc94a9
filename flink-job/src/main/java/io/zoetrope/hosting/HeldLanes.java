package io.zoetrope.hosting;

import io.zoetrope.decode.Frames;
import io.zoetrope.device.Device;
import io.zoetrope.device.DeviceGauges;
import io.zoetrope.generate.Latents;
import io.zoetrope.image.FirstFrame;
import io.zoetrope.image.Picture;
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

/** One engine's holds on lanes, with each stage open on the lanes where it is placed. */
public final class HeldLanes implements AutoCloseable {
    private final Placement placement;
    private final Map<Device, Leases<ModelLanes.Key, DeviceLanes>.Lease> leases = new LinkedHashMap<>();

    private HeldLanes(Placement placement) {
        this.placement = placement;
    }

    /**
     * Takes holds, and opens what is not open yet, on all devices side by side; on a fault, none is held.
     *
     * @throws InterruptedException if interrupted; what a lane has begun to open it opens first, then it is closed
     * @throws Exception what the model threw
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
            get(opened);
            return held;
        } catch (Throwable e) {
            // In this order: to close a lane that nobody else holds is what ends the openings that wait there. On
            // others they go on, and use the model, which is closed after a failure.
            held.close();
            opened.handle((done, fault) -> true).join();
            throw e;
        }
    }

    /** Complete when all of them are, also when one fails. */
    private CompletableFuture<Void> openStages(Model model) {
        List<CompletableFuture<Void>> opening = new ArrayList<>();
        for (DeviceLanes lanes : all()) {
            for (DeviceLanes.Place<?, ?> place : placed(lanes)) {
                opening.add(lanes.open(place, model).toCompletableFuture());
            }
        }
        return CompletableFuture.allOf(opening.toArray(CompletableFuture[]::new));
    }

    /** Waits as long as it takes, and throws what was thrown. */
    public static <T> T get(CompletableFuture<T> stage) throws Exception {
        try {
            return stage.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    private List<DeviceLanes.Place<?, ?>> placed(DeviceLanes lanes) {
        List<DeviceLanes.Place<?, ?>> placed = new ArrayList<>();
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

    /** The lanes, one entry a device. */
    private List<DeviceLanes> all() {
        return leases.values().stream().map(lease -> lease.value()).toList();
    }

    /** The state of the lanes, one entry a device; always the same objects. They keep their last values after the lanes close. */
    public List<DeviceGauges> gauges() {
        return all().stream().<DeviceGauges>map(LaneGauges::new).toList();
    }

    /** Where tokens are handed in to be encoded. */
    public Dispatch<Tokens, TextEmbedding> text() {
        return dispatch(placement.text(), DeviceLanes::text);
    }

    /** Placed where the generator is; empty if the model takes no first frames. */
    public Optional<Dispatch<Picture, FirstFrame>> image() {
        boolean takesImages = all().stream().allMatch(lanes -> lanes.image().isPresent());
        return takesImages
                ? Optional.of(
                        dispatch(placement.generate(), lanes -> lanes.image().orElseThrow()))
                : Optional.empty();
    }

    public Dispatch<SamplingInput, Latents> generate() {
        return dispatch(placement.generate(), DeviceLanes::generate);
    }

    public Dispatch<Latents, Frames> decode() {
        return dispatch(placement.decode(), DeviceLanes::decode);
    }

    private <I, O> Dispatch<I, O> dispatch(List<Device> devices, Function<DeviceLanes, DeviceLanes.Place<I, O>> place) {
        return new Dispatch<>(devices.stream()
                .map(device -> Objects.requireNonNull(leases.get(device)).value())
                .flatMap(lanes -> place.apply(lanes).ports().stream())
                .toList());
    }

    /** Whether every stage knows its batch sizes, from an engine before. */
    public boolean warm() {
        return all().stream()
                .flatMap(lanes -> placed(lanes).stream())
                .allMatch(place -> place.guest().warm());
    }

    public void warmed() {
        all().forEach(lanes -> placed(lanes).forEach(place -> place.guest().warmed()));
    }

    /** Gives all holds back, also when one fails; the last engine of a lane waits until it is closed. */
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
