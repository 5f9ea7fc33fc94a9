package io.zoetrope.planted.decode;

import io.zoetrope.planted.text.TextThatKnowsDecode;

/** The right way, for text comes before decode. */
public interface DecodeThatKnowsText {
    void decode(TextThatKnowsDecode text);
}
