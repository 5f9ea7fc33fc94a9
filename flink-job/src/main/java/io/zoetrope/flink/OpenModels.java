package io.zoetrope.flink;

import io.zoetrope.device.DeviceSource;
import io.zoetrope.engine.Engine;
import io.zoetrope.engine.EngineFactory;
import io.zoetrope.engine.EngineRegistry;
import io.zoetrope.engine.EngineSet;
import io.zoetrope.failure.RequestException;
import io.zoetrope.prompt.PromptRequest;
import io.zoetrope.prompt.PromptValidator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.apache.flink.util.IOUtils;

/** One slot's leases of the engines of all models that the job serves. */
final class OpenModels implements AutoCloseable {
    private final EngineSet engines;
    private final Map<String, Model> models = new LinkedHashMap<>();

    /** A model that is open: its engine, and the rules of its requests. */
    record Model(EngineRegistry.Lease lease, PromptValidator validator) {
        Engine engine() {
            return lease.engine();
        }
    }

    private OpenModels(EngineSet engines) {
        this.engines = engines;
    }

    /**
     * Leases the engines one after the other, so that each measures its batches while no other does.
     *
     * @param maxCharacters the largest number of characters of a prompt's text
     * @param devices the devices of this process
     * @throws Exception if an engine cannot be opened; no lease is kept then
     */
    static OpenModels open(EngineSet engines, int maxCharacters, DeviceSource devices) throws Exception {
        OpenModels opened = new OpenModels(engines);
        try {
            for (EngineFactory factory : engines.engines()) {
                opened.models.put(
                        factory.limits().model(),
                        new Model(
                                EngineRegistry.acquire(factory, engines, devices),
                                new PromptValidator(factory.limits(), maxCharacters)));
            }
            return opened;
        } catch (Throwable e) {
            opened.close();
            throw e;
        }
    }

    /**
     * Returns the model that a request chooses.
     *
     * @throws RequestException UNKNOWN_MODEL if the job does not serve it
     */
    Model chosenBy(PromptRequest request) {
        return named(engines.chosenBy(request).model());
    }

    /** Returns a model by its name. */
    Model named(String name) {
        return Objects.requireNonNull(models.get(name), name);
    }

    /** Calls {@code action} with the name and the engine of each model. */
    void forEach(BiConsumer<String, Engine> action) {
        models.forEach((name, model) -> action.accept(name, model.engine()));
    }

    /** Ends all leases, also if the end of one throws. */
    @Override
    public void close() {
        IOUtils.closeAllQuietly(
                models.values().stream().<AutoCloseable>map(Model::lease).toList());
    }
}
