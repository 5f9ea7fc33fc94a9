package io.zoetrope.engine;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.prompt.ModelLimits;
import io.zoetrope.prompt.PromptRequest;
import io.zoetrope.rollout.ModelVersion;
import io.zoetrope.rollout.Move;
import io.zoetrope.rollout.Moves;
import java.io.Serializable;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The engines of all models that a job serves. A request chooses its model by name, or a version of it; the first model
 * answers requests that name none. A model may have several versions: the first bundle of the name answers, until a
 * {@link Move} names another one. Serialized with the job.
 *
 * @param engines one factory for each version of each model, at least one
 */
public record EngineSet(List<EngineFactory> engines) implements Serializable {
    private static final String STAGE = "admit";

    /**
     * A version of a model that the job serves.
     *
     * @param id the model's name if the job serves one version of it, otherwise {@code name@digest}: the name in metrics
     * @param engine opens its engine
     */
    public record Served(String id, EngineFactory engine) {
        /** Returns the requests that it can answer. */
        public ModelLimits limits() {
            return engine.limits();
        }
    }

    /** Throws an {@link IllegalArgumentException} if there is no engine, or two of one version of a model. */
    public EngineSet {
        engines = List.copyOf(engines);
        List<ModelVersion> versions = engines.stream().map(EngineSet::version).toList();
        if (versions.isEmpty() || new HashSet<>(versions).size() < versions.size()) {
            throw new IllegalArgumentException(
                    "engines: expected at least one, each of another version of a model, got " + versions);
        }
    }

    /** Returns the engines of a job that serves the given models, the default first. */
    public static EngineSet of(EngineFactory... engines) {
        return new EngineSet(List.of(engines));
    }

    /** Returns all versions of all models, the default first. */
    public List<Served> served() {
        return engines.stream()
                .map(engine -> new Served(
                        all(sameName(engine)).count() == 1
                                ? name(engine)
                                : version(engine).toString(),
                        engine))
                .toList();
    }

    /** Returns the ids of all versions of all models, the default first. */
    public List<String> models() {
        return served().stream().map(Served::id).toList();
    }

    /** Returns an id made of the ids of all engines. */
    public String id() {
        return engines.stream().map(EngineFactory::id).collect(Collectors.joining(" "));
    }

    /** Returns whether the job serves more than one version of a model. */
    public boolean isSeveral() {
        return engines.size() > 1;
    }

    /** Returns the maximum number of requests in flight per slot, over all models. */
    public int inFlightPerSlot() {
        return engines.stream().mapToInt(EngineFactory::inFlightPerSlot).sum();
    }

    /**
     * Returns the version that answers a request.
     *
     * @param moves the moves of the job's models
     * @param sent the time at which the request was sent
     * @throws RequestException UNKNOWN_MODEL if the job does not serve it
     */
    public Served chosenBy(PromptRequest request, Moves moves, Instant sent) {
        return find(request, moves, sent)
                .orElseThrow(() -> new RequestException(
                        FailureCode.UNKNOWN_MODEL,
                        STAGE,
                        "model: this job serves " + names() + ", the event names "
                                + request.model().orElseThrow() + "; "
                                + (isSeveral()
                                        ? "name one of these, omit the field for the default,"
                                        : "omit the field")
                                + " or publish to the job that serves that model"));
    }

    /** Returns the version that answers a request, as {@link #chosenBy}; empty if the job does not serve it. */
    public Optional<Served> find(PromptRequest request, Moves moves, Instant sent) {
        return request.model().isPresent()
                ? named(request.model().get(), moves, sent)
                : moves.target(Move.DEFAULT, sent)
                        .flatMap(target -> named(target, moves, sent))
                        .or(() -> named(name(engines.get(0)), moves, sent));
    }

    /** Returns whether the job serves the target of a move; it ignores the move otherwise. */
    public boolean canFollow(Move move) {
        return move.target()
                .map(target -> all(isVersion(target).and(ofName(move.name())))
                                .findAny()
                                .isPresent()
                        || (move.name().equals(Move.DEFAULT)
                                && all(isNamed(target)).findAny().isPresent()))
                .orElse(true);
    }

    private Optional<Served> named(String name, Moves moves, Instant sent) {
        return find(isVersion(name))
                .or(() -> moves.target(name, sent)
                        .flatMap(target -> find(isVersion(target).and(isNamed(name)))))
                .or(() -> find(isNamed(name)));
    }

    private Optional<Served> find(Predicate<EngineFactory> which) {
        return served().stream().filter(served -> which.test(served.engine())).findFirst();
    }

    private Stream<EngineFactory> all(Predicate<EngineFactory> which) {
        return engines.stream().filter(which);
    }

    private String names() {
        List<String> models = models();
        String first = models.get(0) + (isSeveral() ? " (the default)" : "");
        return Stream.concat(Stream.of(first), models.stream().skip(1)).collect(Collectors.joining(", "));
    }

    private static Predicate<EngineFactory> sameName(EngineFactory engine) {
        return isNamed(name(engine));
    }

    private static Predicate<EngineFactory> isNamed(String name) {
        return engine -> name(engine).equals(name);
    }

    /** Returns whether an engine may be the target of a name: of its own model, and of the default any. */
    private static Predicate<EngineFactory> ofName(String name) {
        return name.equals(Move.DEFAULT) ? engine -> true : isNamed(name);
    }

    private static Predicate<EngineFactory> isVersion(String text) {
        Optional<ModelVersion> version = ModelVersion.parse(text);
        return engine -> version.isPresent() && version(engine).equals(version.get());
    }

    private static ModelVersion version(EngineFactory engine) {
        return ModelVersion.of(name(engine), engine.digest());
    }

    private static String name(EngineFactory engine) {
        return engine.limits().model();
    }
}
