package io.zoetrope.bench;

import io.zoetrope.bench.report.Finding;

/** A measurement that gives one finding of the report. */
public interface Measurement {
    /** Returns the key of the finding in the JSON. */
    String key();

    /**
     * Runs the measurement.
     *
     * @throws NotMeasuredException if the measurement cannot run on this machine
     * @throws Exception if the measurement failed
     */
    Finding measure(BenchmarkContext context) throws Exception;
}
