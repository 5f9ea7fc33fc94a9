package io.zoetrope.planted.cli;

import org.bytedeco.cuda.cudart.CUstream_st;

interface CommandImportingTensorRt {
    void open(CUstream_st stream);
}
