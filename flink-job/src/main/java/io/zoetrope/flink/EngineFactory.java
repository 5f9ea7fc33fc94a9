package io.zoetrope.flink;

import io.zoetrope.prompt.ModelTerms;
import java.io.Serializable;

/** Opens engines where the job runs; travels there with it. */
public interface EngineFactory extends Serializable {
    /** Names the bundle, the device and every option that an engine is opened with: equal ids share one engine. */
    String id();

    /** What the engine can be asked for. */
    ModelTerms terms();

    /**
     * Opens an engine.
     *
     * @throws Exception if it cannot be opened; the job fails with it
     */
    Engine open() throws Exception;
}
