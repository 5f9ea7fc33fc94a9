package io.zoetrope.planted.decode;

import io.zoetrope.planted.text.TextImportingDecode;

/** The right way, for text comes before decode. */
public interface DecodeImportingText {
    void decode(TextImportingDecode text);
}
