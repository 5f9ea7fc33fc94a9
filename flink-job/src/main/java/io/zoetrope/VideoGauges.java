package io.zoetrope;

import io.zoetrope.flink.EngineGauges;
import io.zoetrope.flink.LaneGauges;
import java.util.List;

/**
 * How an engine stands.
 *
 * @param flights its requests
 * @param lanes that it holds; what it reads of them stays as it was when they close
 */
record VideoGauges(Flights flights, List<LaneGauges> lanes) implements EngineGauges {
    static VideoGauges of(Flights flights, HeldLanes held) {
        return new VideoGauges(
                flights, held.all().stream().<LaneGauges>map(DeviceGauges::new).toList());
    }

    @Override
    public int inFlight() {
        return flights.inFlight();
    }
}
