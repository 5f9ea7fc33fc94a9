package io.zoetrope.device;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The time that a request of the usual shape takes of the devices, when they run full batches: the measured time of each
 * stage's chosen batch, divided by the requests in it and by the lanes of the device. Multiplied with the requests that
 * wait, it is the backlog in device-seconds; with the requests that arrive in a second, the number of devices that they
 * keep busy.
 *
 * <p>If stages are placed on different devices, the devices that are busy for the longest time count. First frames, which
 * not every request has, do not count.
 *
 * @param time the time of one device for each request
 * @param devices the number of devices that divide the requests among them
 */
public record RequestCost(Duration time, int devices) {
    private static final String FIRST_FRAMES = "image";

    /**
     * Returns the cost of the usual shape on the devices of an engine: the one that each stage measured first.
     *
     * @return empty if a device has measured nothing yet
     */
    public static Optional<RequestCost> of(List<DeviceGauges> devices) {
        return of(devices, choice -> true);
    }

    /**
     * Returns the cost on the devices of an engine.
     *
     * @param ofShape selects the batches of the shape; of several for one stage, the one that was measured first counts
     * @return empty if a device has measured nothing yet
     */
    public static Optional<RequestCost> of(List<DeviceGauges> devices, Predicate<DeviceGauges.BatchChoice> ofShape) {
        Map<String, RequestCost> pools = new TreeMap<>();
        for (DeviceGauges device : devices) {
            Map<String, Double> stages = new TreeMap<>();
            device.batchChoices().stream()
                    .filter(choice -> !choice.stage().equals(FIRST_FRAMES))
                    .filter(ofShape)
                    .forEach(choice -> stages.putIfAbsent(choice.stage(), choice.nanosPerRequest()));
            if (stages.isEmpty()) {
                return Optional.empty();
            }
            double nanos =
                    stages.values().stream().mapToDouble(Double::doubleValue).sum() / device.laneCount();
            pools.merge(String.join("+", stages.keySet()), new RequestCost(nanos(nanos), 1), RequestCost::joinedBy);
        }
        return pools.values().stream().max(Comparator.comparingDouble(RequestCost::secondsOfAll));
    }

    /** Returns the cost with one more device, of another time perhaps. */
    private RequestCost joinedBy(RequestCost other) {
        int all = devices + other.devices;
        double perSecond = requestsPerSecond() + other.requestsPerSecond();
        return new RequestCost(nanos(all / perSecond * 1e9), all);
    }

    /** Returns the time of one device for each request, in seconds. */
    public double seconds() {
        return time.toNanos() / 1e9;
    }

    /** Returns how many requests all devices answer in a second, if there are always enough for full batches. */
    public double requestsPerSecond() {
        return 1 / secondsOfAll();
    }

    private double secondsOfAll() {
        return seconds() / devices;
    }

    private static Duration nanos(double nanos) {
        return Duration.ofNanos(Math.max(1, Math.round(nanos)));
    }
}
