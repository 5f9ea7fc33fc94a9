package io.zoetrope.flink;

import io.zoetrope.engine.EngineGauges;
import io.zoetrope.engine.EngineSet;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.publish.Timings;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/**
 * The metrics of one subtask's answers and engines. A job that serves several models has the metrics of answers twice,
 * for all models together and for each, and the metrics of engines for each model. Used by the task's thread only.
 */
final class ModelMetrics {
    private final AnswerMetrics all;
    /** Empty if the job serves one model. */
    private final Map<String, AnswerMetrics> byModel = new LinkedHashMap<>();

    private final Map<String, EngineMetrics> engines = new LinkedHashMap<>();

    ModelMetrics(OpenModels models, MetricGroup job) {
        all = new AnswerMetrics(job);
        Map<String, EngineGauges> gauges = new LinkedHashMap<>();
        models.forEach((model, engine) -> gauges.put(model, engine.gauges()));
        if (gauges.size() == 1) {
            gauges.forEach((model, engine) -> engines.put(model, new EngineMetrics(engine, job)));
            return;
        }
        job.gauge("inFlight", (Gauge<Integer>)
                () -> gauges.values().stream().mapToInt(EngineGauges::inFlight).sum());
        gauges.forEach((model, engine) -> {
            MetricGroup group = JobMetrics.of(job, model);
            byModel.put(model, new AnswerMetrics(group));
            engines.put(model, new EngineMetrics(engine, group));
        });
    }

    /** Returns the device time of a model's usual request, in seconds; 0 while it is not measured. */
    double secondsPerRequest(String model) {
        return Objects.requireNonNull(engines.get(model), model).secondsPerRequest();
    }

    /** Counts a prompt that was read, of a given work in usual requests. */
    void demand(String model, double work) {
        double seconds = work * secondsPerRequest(model);
        all.demand(seconds);
        of(model).ifPresent(answers -> answers.demand(seconds));
    }

    /**
     * Counts a video.
     *
     * @param model the id of the model's version
     * @param batch the number of requests in the batch that the video was generated in
     * @param writes the time of writing each payload that is not in its record
     */
    void video(String model, int frameCount, int batch, Timings timings, List<Duration> writes) {
        all.video(frameCount, batch, timings, writes);
        of(model).ifPresent(answers -> answers.video(frameCount, batch, timings, writes));
    }

    /** Counts a failure; {@code model} is empty if the job does not serve the request's model. */
    void failure(Optional<EngineSet.Served> model, FailureCode code) {
        all.failure(code);
        model.flatMap(served -> of(served.id())).ifPresent(answers -> answers.failure(code));
    }

    /** Registers the batch sizes that were measured since the last call. */
    void registerNewBatchSizes() {
        engines.values().forEach(EngineMetrics::registerNewBatchSizes);
    }

    private Optional<AnswerMetrics> of(String model) {
        return Optional.ofNullable(byModel.get(model));
    }
}
