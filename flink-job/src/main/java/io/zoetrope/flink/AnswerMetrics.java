package io.zoetrope.flink;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.publish.Timings;
import java.time.Duration;
import java.util.List;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MeterView;
import org.apache.flink.metrics.MetricGroup;

/** The metrics of one subtask's prompts and answers: demand, videos, failures and stage times. Used by the task's thread only. */
final class AnswerMetrics {
    private final Counter videos;
    private final Counter frames;
    private final Counter demand;
    private final Histogram batchSize;
    private final Histogram queue;
    private final Histogram text;
    private final Histogram generate;
    private final Histogram decode;
    private final Histogram encode;
    private final Counter storedPayloads;
    private final Histogram store;
    private final FailureCounters failures;

    AnswerMetrics(MetricGroup group) {
        videos = group.counter("videos");
        frames = group.counter("frames");
        group.meter("videosPerSecond", new MeterView(videos));
        group.meter("framesPerSecond", new MeterView(frames));
        demand = group.counter("demandMs");
        group.meter("demandMsPerSecond", new MeterView(demand));
        batchSize = JobMetrics.histogram(group, "batchSize");
        queue = JobMetrics.histogram(group, "queueMs");
        text = JobMetrics.histogram(group, "textMs");
        generate = JobMetrics.histogram(group, "generateMs");
        decode = JobMetrics.histogram(group, "decodeMs");
        encode = JobMetrics.histogram(group, "encodeMs");
        storedPayloads = group.counter("storedPayloads");
        store = JobMetrics.histogram(group, "storeMs");
        failures = new FailureCounters(group);
    }

    /** Counts a prompt that was read, with the device time that it will need, in seconds. */
    void demand(double seconds) {
        demand.inc(Math.round(seconds * 1000));
    }

    /**
     * Counts a video.
     *
     * @param batch the number of requests in the batch that the video was generated in
     * @param writes the time of writing each payload that is not in its record
     */
    void video(int frameCount, int batch, Timings timings, List<Duration> writes) {
        videos.inc();
        frames.inc(frameCount);
        batchSize.update(batch);
        queue.update(timings.queue().toMillis());
        text.update(timings.text().toMillis());
        generate.update(timings.generate().toMillis());
        decode.update(timings.decode().toMillis());
        encode.update(timings.encode().toMillis());
        writes.forEach(write -> {
            storedPayloads.inc();
            store.update(write.toMillis());
        });
    }

    /** Counts a failure. */
    void failure(FailureCode code) {
        failures.count(code);
    }
}
