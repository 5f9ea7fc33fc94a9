package io.zoetrope.planted.lane;

import org.apache.flink.configuration.Configuration;

interface LaneThatKnowsFlink {
    void open(Configuration configuration);
}
