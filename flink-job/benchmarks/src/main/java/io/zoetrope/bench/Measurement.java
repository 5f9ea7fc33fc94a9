package io.zoetrope.bench;

import io.zoetrope.bench.report.Finding;

/** Something that is measured. */
public interface Measurement {
    /** Of its finding, in the JSON. */
    String key();

    /**
     * Measures.
     *
     * @throws NotMeasuredException if it cannot be measured here
     * @throws Exception if it failed
     */
    Finding measure(BenchmarkContext context) throws Exception;
}
