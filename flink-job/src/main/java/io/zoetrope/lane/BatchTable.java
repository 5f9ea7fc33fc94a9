package io.zoetrope.lane;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * The measured durations of a bucket's batches, and the size that was chosen: the smallest one within the latency bound
 * whose throughput is within 3% of the best.
 *
 * @param stage the name of the stage
 * @param bucket the key of the bucket
 * @param rows the measurements in ascending order of size, starting with size 1
 * @param choice the size of batches from now on
 * @param stopped the reason why no larger size was tried
 */
public record BatchTable(String stage, Object bucket, List<Row> rows, int choice, String stopped) {
    private static final double MIN_SHARE_OF_BEST = 0.97;

    /**
     * The measurement of a batch size.
     *
     * @param batch the number of requests
     * @param time the median duration of a run
     */
    public record Row(int batch, Duration time) {
        /** Returns the throughput in requests per second. */
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
                .filter(row -> row.throughput() >= MIN_SHARE_OF_BEST * best)
                .mapToInt(Row::batch)
                .min()
                .orElseThrow();
        return new BatchTable(stage, bucket, rows, choice, stopped);
    }

    /** Returns a table for a log, one line per batch size; {@code *} marks the choice. */
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
