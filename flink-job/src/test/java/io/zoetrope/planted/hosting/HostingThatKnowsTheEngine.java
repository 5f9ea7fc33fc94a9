package io.zoetrope.planted.hosting;

import io.zoetrope.planted.engine.EngineThatKnowsFlink;

interface HostingThatKnowsTheEngine {
    void host(EngineThatKnowsFlink engine);
}
