package io.zoetrope.lane;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * How long batches of a bucket took, and the size that was chosen: the smallest of those within the latency bound whose
 * throughput is within 3% of the best.
 *
 * @param stage its name
 * @param bucket its key
 * @param rows what was measured, by rising size, at least that of size 1
 * @param choice the size of batches from now on
 * @param stopped why no larger size was tried
 */
public record BatchTable(String stage, Object bucket, List<Row> rows, int choice, String stopped) {
    private static final double AS_GOOD = 0.97;

    /**
     * A batch size and its cost.
     *
     * @param batch how many requests
     * @param time that a run of them takes, in the median
     */
    public record Row(int batch, Duration time) {
        /** Requests a second. */
        public double throughput() {
            return batch / (Math.max(1, time.toNanos()) / 1e9);
        }
    }

    /** Copies the rows. */
    public BatchTable {
        rows = List.copyOf(rows);
    }

    static BatchTable of(String stage, Object bucket, List<Row> rows, Duration latencyBound, String stopped) {
        List<Row> allowed = rows.stream()
                .filter(row -> row.batch() == 1 || row.time().compareTo(latencyBound) <= 0)
                .toList();
        double best = allowed.stream().mapToDouble(Row::throughput).max().orElseThrow();
        int choice = allowed.stream()
                .filter(row -> row.throughput() >= AS_GOOD * best)
                .mapToInt(Row::batch)
                .min()
                .orElseThrow();
        return new BatchTable(stage, bucket, rows, choice, stopped);
    }

    /** Lines for a log. */
    @Override
    public String toString() {
        StringBuilder table = new StringBuilder(stage + " " + bucket + ": batches of " + choice + " (" + stopped + ")");
        for (Row row : rows) {
            table.append(String.format(
                    Locale.ROOT,
                    "%n%s %4d  %10.3f ms  %10.2f /s",
                    row.batch() == choice ? "*" : " ",
                    row.batch(),
                    row.time().toNanos() / 1e6,
                    row.throughput()));
        }
        return table.toString();
    }
}
