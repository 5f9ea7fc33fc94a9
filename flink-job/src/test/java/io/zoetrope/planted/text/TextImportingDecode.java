package io.zoetrope.planted.text;

import io.zoetrope.planted.decode.DecodeImportingText;

/** A forbidden import, because the stage decode comes after text; and a cycle, because decode imports text. */
public interface TextImportingDecode {
    void encode(DecodeImportingText frames);
}
