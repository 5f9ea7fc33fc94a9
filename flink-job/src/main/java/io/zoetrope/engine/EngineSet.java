package io.zoetrope.engine;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.prompt.ModelLimits;
import io.zoetrope.prompt.PromptRequest;
import java.io.Serializable;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The engines of all models that a job serves. A request chooses its model by name; the first model answers requests
 * that name none. Serialized with the job.
 *
 * @param engines one factory for each model, at least one
 */
public record EngineSet(List<EngineFactory> engines) implements Serializable {
    private static final String STAGE = "admit";

    /** Throws an {@link IllegalArgumentException} if there is no engine, or two of one model name. */
    public EngineSet {
        engines = List.copyOf(engines);
        List<String> names = engines.stream().map(EngineSet::name).toList();
        if (names.isEmpty() || new HashSet<>(names).size() < names.size()) {
            throw new IllegalArgumentException(
                    "engines: expected at least one, each with a model name of its own, got " + names);
        }
    }

    /** Returns the engines of a job that serves the given models, the default first. */
    public static EngineSet of(EngineFactory... engines) {
        return new EngineSet(List.of(engines));
    }

    /** Returns the names of the models, the default first. */
    public List<String> models() {
        return engines.stream().map(EngineSet::name).toList();
    }

    /** Returns an id made of the ids of all engines. */
    public String id() {
        return engines.stream().map(EngineFactory::id).collect(Collectors.joining(" "));
    }

    /** Returns whether the job serves more than one model. */
    public boolean isSeveral() {
        return engines.size() > 1;
    }

    /** Returns the maximum number of requests in flight per slot, over all models. */
    public int inFlightPerSlot() {
        return engines.stream().mapToInt(EngineFactory::inFlightPerSlot).sum();
    }

    /**
     * Returns the limits of the model that a request chooses.
     *
     * @throws RequestException UNKNOWN_MODEL if the job does not serve it
     */
    public ModelLimits chosenBy(PromptRequest request) {
        return find(request)
                .orElseThrow(() -> new RequestException(
                        FailureCode.UNKNOWN_MODEL,
                        STAGE,
                        "model: this job serves " + served() + ", the event names "
                                + request.model().orElseThrow() + "; "
                                + (isSeveral()
                                        ? "name one of these, omit the field for the default,"
                                        : "omit the field")
                                + " or publish to the job that serves that model"));
    }

    /** Returns the limits of the model that a request chooses; empty if the job does not serve it. */
    public Optional<ModelLimits> find(PromptRequest request) {
        String model = request.model().orElseGet(() -> models().get(0));
        return engines.stream()
                .map(EngineFactory::limits)
                .filter(limits -> limits.model().equals(model))
                .findFirst();
    }

    private String served() {
        String first = models().get(0) + (isSeveral() ? " (the default)" : "");
        return Stream.concat(Stream.of(first), models().stream().skip(1)).collect(Collectors.joining(", "));
    }

    private static String name(EngineFactory engine) {
        return engine.limits().model();
    }
}
