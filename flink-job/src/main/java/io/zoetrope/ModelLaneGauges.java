package io.zoetrope;

import io.zoetrope.flink.LaneGauges;
import io.zoetrope.lane.BatchTable;
import java.time.Duration;
import java.util.List;

/** How a model's lane stands; its last state once it is closed. */
record ModelLaneGauges(ModelLane lane) implements LaneGauges {
    @Override
    public String device() {
        return lane.device().toString();
    }

    @Override
    public Duration busy() {
        return lane.meter().busy();
    }

    @Override
    public double busyRatio() {
        return lane.meter().busyRatio();
    }

    @Override
    public int queued() {
        return lane.waiting();
    }

    @Override
    public int sessions() {
        return (int) lane.guests().stream().filter(Guest::isOpen).count();
    }

    @Override
    public long sessionBytes() {
        return lane.guests().stream().mapToLong(Guest::fileBytes).sum();
    }

    @Override
    public List<BatchChoice> batchChoices() {
        return lane.meter().tables().stream().map(ModelLaneGauges::choice).toList();
    }

    private static BatchChoice choice(BatchTable table) {
        Duration time = table.rows().stream()
                .filter(row -> row.batch() == table.choice())
                .map(BatchTable.Row::time)
                .findFirst()
                .orElseThrow();
        return new BatchChoice(table.stage(), table.bucket().toString(), table.choice(), time);
    }
}
