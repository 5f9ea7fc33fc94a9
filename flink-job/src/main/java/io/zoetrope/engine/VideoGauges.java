package io.zoetrope.engine;

import io.zoetrope.device.DeviceGauges;
import io.zoetrope.hosting.HeldLanes;
import java.util.List;

/**
 * How an engine stands.
 *
 * @param flights its requests
 * @param lanes that it holds; what it reads of them stays as it was when they close
 */
record VideoGauges(RequestsInFlight flights, List<DeviceGauges> lanes) implements EngineGauges {
    static VideoGauges of(RequestsInFlight flights, HeldLanes held) {
        return new VideoGauges(flights, held.gauges());
    }

    @Override
    public int inFlight() {
        return flights.inFlight();
    }
}
