package io.zoetrope.planted.text;

import io.zoetrope.planted.decode.DecodeThatKnowsText;

/** The wrong way, for decode comes after text; and a cycle, for decode knows text. */
public interface TextThatKnowsDecode {
    void encode(DecodeThatKnowsText frames);
}
