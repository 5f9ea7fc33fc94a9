package io.zoetrope.flink;

import io.zoetrope.engine.EngineGauges;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.prompt.ModelLimits;
import io.zoetrope.publish.Timings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

    private final List<EngineMetrics> engines = new ArrayList<>();

    ModelMetrics(OpenModels models, MetricGroup job) {
        all = new AnswerMetrics(job);
        List<EngineGauges> gauges = new ArrayList<>();
        models.forEach((model, engine) -> gauges.add(engine.gauges()));
        if (gauges.size() == 1) {
            engines.add(new EngineMetrics(gauges.get(0), job));
            return;
        }
        job.gauge("inFlight", (Gauge<Integer>)
                () -> gauges.stream().mapToInt(EngineGauges::inFlight).sum());
        models.forEach((model, engine) -> {
            MetricGroup group = JobMetrics.of(job, model);
            byModel.put(model, new AnswerMetrics(group));
            engines.add(new EngineMetrics(engine.gauges(), group));
        });
    }

    /**
     * Counts a video.
     *
     * @param batch the number of requests in the batch that the video was generated in
     */
    void video(String model, int frameCount, int batch, Timings timings) {
        all.video(frameCount, batch, timings);
        of(model).ifPresent(answers -> answers.video(frameCount, batch, timings));
    }

    /** Counts a failure; {@code model} is empty if the job does not serve the request's model. */
    void failure(Optional<ModelLimits> model, FailureCode code) {
        all.failure(code);
        model.flatMap(limits -> of(limits.model())).ifPresent(answers -> answers.failure(code));
    }

    /** Registers the batch sizes that were measured since the last call. */
    void registerNewBatchSizes() {
        engines.forEach(EngineMetrics::registerNewBatchSizes);
    }

    private Optional<AnswerMetrics> of(String model) {
        return Optional.ofNullable(byModel.get(model));
    }
}
