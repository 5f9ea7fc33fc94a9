package io.zoetrope.planted.cli;

import org.bytedeco.cuda.global.cudart;

final class CommandImportingTensorRt {
    private CommandImportingTensorRt() {}

    static int planted() {
        return cudart.cudaMemcpyHostToDevice;
    }
}
