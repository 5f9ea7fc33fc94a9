package io.zoetrope.planted.engine;

import org.apache.flink.configuration.Configuration;

/** An engine that depends on Flink. */
public interface EngineImportingFlink {
    void open(Configuration configuration);
}
