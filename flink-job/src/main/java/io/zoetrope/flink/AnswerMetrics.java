package io.zoetrope.flink;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.publish.Timings;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MeterView;
import org.apache.flink.metrics.MetricGroup;

/** What one subtask's requests ended as and where their time went; for the task's thread alone. */
final class AnswerMetrics {
    private final Counter videos;
    private final Counter frames;
    private final Histogram batchSize;
    private final Histogram queue;
    private final Histogram text;
    private final Histogram generate;
    private final Histogram decode;
    private final Histogram encode;
    private final FailureCounters failures;

    AnswerMetrics(MetricGroup group) {
        videos = group.counter("videos");
        frames = group.counter("frames");
        group.meter("videosPerSecond", new MeterView(videos));
        group.meter("framesPerSecond", new MeterView(frames));
        batchSize = JobMetrics.histogram(group, "batchSize");
        queue = JobMetrics.histogram(group, "queueMs");
        text = JobMetrics.histogram(group, "textMs");
        generate = JobMetrics.histogram(group, "generateMs");
        decode = JobMetrics.histogram(group, "decodeMs");
        encode = JobMetrics.histogram(group, "encodeMs");
        failures = new FailureCounters(group);
    }

    void video(int frameCount, int sharedBy, Timings timings) {
        videos.inc();
        frames.inc(frameCount);
        batchSize.update(sharedBy);
        queue.update(timings.queue().toMillis());
        text.update(timings.text().toMillis());
        generate.update(timings.generate().toMillis());
        decode.update(timings.decode().toMillis());
        encode.update(timings.encode().toMillis());
    }

    void failure(FailureCode code) {
        failures.count(code);
    }
}
