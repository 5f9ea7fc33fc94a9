package io.zoetrope.engine;

import io.zoetrope.device.DeviceGauges;
import io.zoetrope.hosting.HeldLanes;
import java.util.List;

/**
 * The state of a {@link VideoEngine}.
 *
 * @param requests the engine's requests
 * @param devices the gauges of the devices that it uses; they keep their last values after the lanes close
 */
record VideoGauges(RequestsInFlight requests, List<DeviceGauges> devices) implements EngineGauges {
    static VideoGauges of(RequestsInFlight requests, HeldLanes held) {
        return new VideoGauges(requests, held.gauges());
    }

    @Override
    public int inFlight() {
        return requests.inFlight();
    }
}
