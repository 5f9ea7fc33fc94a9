package io.zoetrope.planted.decode;

import io.zoetrope.planted.text.TextImportingDecode;

/** An allowed import: the stage text comes before decode. */
public interface DecodeImportingText {
    void decode(TextImportingDecode text);
}
