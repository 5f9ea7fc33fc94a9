/** The model's stages on ONNX Runtime: text encoder, image encoder, generator and frame decoder. */
@NullMarked
package io.zoetrope.onnx;

import org.jspecify.annotations.NullMarked;
