package io.zoetrope.planted.hosting;

import io.zoetrope.planted.engine.EngineImportingFlink;

interface HostingImportingEngine {
    void host(EngineImportingFlink engine);
}
