package io.zoetrope.planted.engine;

import org.apache.flink.configuration.Configuration;

/** An engine that imports Flink. */
public interface EngineImportingFlink {
    void open(Configuration configuration);
}
