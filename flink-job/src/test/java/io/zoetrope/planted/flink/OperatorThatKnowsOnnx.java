package io.zoetrope.planted.flink;

import io.zoetrope.planted.onnx.SessionThatKnowsKafka;

interface OperatorThatKnowsOnnx {
    void open(SessionThatKnowsKafka session);
}
