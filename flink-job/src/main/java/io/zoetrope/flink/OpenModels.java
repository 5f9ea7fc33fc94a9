package io.zoetrope.flink;

import io.zoetrope.device.DeviceSource;
import io.zoetrope.engine.Engine;
import io.zoetrope.engine.EngineRegistry;
import io.zoetrope.engine.EngineSet;
import io.zoetrope.prompt.PromptValidator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.apache.flink.util.IOUtils;

/** One slot's leases of the engines of all models that the job serves. */
final class OpenModels implements AutoCloseable {
    private final Map<String, Model> models = new LinkedHashMap<>();

    /** A model that is open: its engine, and the rules of its requests. */
    record Model(EngineRegistry.Lease lease, PromptValidator validator) {
        Engine engine() {
            return lease.engine();
        }
    }

    private OpenModels() {}

    /**
     * Leases the engines one after the other, so that each measures its batches while no other does.
     *
     * @param maxCharacters the largest number of characters of a prompt's text
     * @param devices the devices of this process
     * @throws Exception if an engine cannot be opened; no lease is kept then
     */
    static OpenModels open(EngineSet engines, int maxCharacters, DeviceSource devices) throws Exception {
        OpenModels opened = new OpenModels();
        try {
            for (EngineSet.Served model : engines.served()) {
                opened.models.put(
                        model.id(),
                        new Model(
                                EngineRegistry.acquire(model.engine(), engines, devices),
                                new PromptValidator(model.limits(), maxCharacters)));
            }
            return opened;
        } catch (Throwable e) {
            opened.close();
            throw e;
        }
    }

    /** Returns a model by its id: see {@link EngineSet.Served}. */
    Model of(String id) {
        return Objects.requireNonNull(models.get(id), id);
    }

    /** Calls {@code action} with the id and the engine of each model. */
    void forEach(BiConsumer<String, Engine> action) {
        models.forEach((id, model) -> action.accept(id, model.engine()));
    }

    /** Ends all leases, also if the end of one throws. */
    @Override
    public void close() {
        IOUtils.closeAllQuietly(
                models.values().stream().<AutoCloseable>map(Model::lease).toList());
    }
}
