package io.zoetrope.planted.text;

import io.zoetrope.planted.decode.DecodeImportingText;

/** The wrong way, for decode comes after text; and a cycle, for decode knows text. */
public interface TextImportingDecode {
    void encode(DecodeImportingText frames);
}
