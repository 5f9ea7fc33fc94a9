package io.zoetrope.planted.lane;

import org.apache.flink.configuration.Configuration;

interface LaneImportingFlink {
    void open(Configuration configuration);
}
