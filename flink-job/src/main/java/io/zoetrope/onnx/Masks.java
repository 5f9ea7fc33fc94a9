package io.zoetrope.onnx;

import java.nio.LongBuffer;

/** Which tokens of a row are real: ones, then zeros. */
final class Masks {
    private Masks() {}

    /** Marks a row's real tokens in a buffer of zeros. */
    static void put(LongBuffer mask, int start, int length) {
        for (int i = start; i < start + length; i++) {
            mask.put(i, 1);
        }
    }
}
