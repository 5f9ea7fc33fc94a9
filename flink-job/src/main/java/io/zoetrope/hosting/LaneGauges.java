package io.zoetrope.hosting;

import io.zoetrope.device.DeviceGauges;
import io.zoetrope.lane.BatchTable;
import io.zoetrope.lane.LaneMeter;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.stream.Collectors;

/** The state of a model's lanes on a device, aggregated over the lanes; after they are closed, their last state. */
record LaneGauges(DeviceLanes lanes) implements DeviceGauges {
    @Override
    public String device() {
        return lanes.device().toString();
    }

    @Override
    public Duration busy() {
        return lanes.meters().stream()
                .map(LaneMeter::busy)
                .reduce(Duration.ZERO, Duration::plus)
                .dividedBy(lanes.meters().size());
    }

    @Override
    public double busyRatio() {
        return lanes.meters().stream()
                .mapToDouble(LaneMeter::busyRatio)
                .average()
                .orElseThrow();
    }

    @Override
    public int queued() {
        return lanes.waiting();
    }

    @Override
    public long endedRuns() {
        return lanes.meters().stream().mapToLong(LaneMeter::endedRuns).sum();
    }

    @Override
    public int laneCount() {
        return lanes.meters().size();
    }

    @Override
    public int lanesOut() {
        return lanes.lanesOut();
    }

    @Override
    public int sessions() {
        return (int) lanes.stages().stream().filter(HostedStage::isOpen).count();
    }

    @Override
    public long sessionBytes() {
        return lanes.stages().stream().mapToLong(HostedStage::fileBytes).sum();
    }

    @Override
    public List<BatchChoice> batchChoices() {
        Map<List<String>, BatchChoice> largest = new LinkedHashMap<>();
        for (LaneMeter meter : lanes.meters()) {
            for (BatchTable table : meter.tables()) {
                BatchChoice choice = choice(table);
                largest.merge(
                        List.of(choice.stage(), choice.bucket()),
                        choice,
                        BinaryOperator.maxBy(Comparator.comparingInt(BatchChoice::size)));
            }
        }
        return List.copyOf(largest.values());
    }

    private static BatchChoice choice(BatchTable table) {
        Map<Integer, Duration> times =
                table.rows().stream().collect(Collectors.toMap(BatchTable.Row::batch, BatchTable.Row::time));
        return new BatchChoice(table.stage(), table.bucket().toString(), table.choice(), times);
    }
}
