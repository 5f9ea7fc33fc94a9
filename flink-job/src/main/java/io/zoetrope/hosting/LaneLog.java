package io.zoetrope.hosting;

import io.zoetrope.lane.BatchTable;
import io.zoetrope.lane.HungRunException;
import io.zoetrope.lane.LaneObserver;
import io.zoetrope.lane.LaneOutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs what an operator has to know of a model's lanes: measured batch sizes, lack of memory, hung runs.
 *
 * @param model the name of the model
 */
record LaneLog(String model) implements LaneObserver {
    private static final Logger LOG = LoggerFactory.getLogger(LaneLog.class);

    @Override
    public void measured(String lane, BatchTable table) {
        LOG.info("{} on {}: measured {}", model, lane, table);
    }

    @Override
    public void limited(String lane, String stage, Object bucket, int batch) {
        LOG.warn(
                "{} on {}: {} {} had too little memory for a larger batch; its batches have at most {} requests until"
                        + " the model is opened again; give the device more memory, or lower batch-max",
                model,
                lane,
                stage,
                bucket,
                batch);
    }

    @Override
    public void ended(String lane, HungRunException run) {
        LOG.warn(
                "{} on {}: {}; its requests run once more, one by one, on a newly opened session",
                model,
                lane,
                run.getMessage());
    }

    @Override
    public void takenOut(String lane, LaneOutException reason) {
        LOG.error("{} on {}: {}", model, lane, reason.getMessage());
    }
}
