package io.zoetrope.planted.flink;

import io.zoetrope.planted.onnx.SessionImportingKafka;

interface OperatorImportingOnnx {
    void open(SessionImportingKafka session);
}
