/** The model's stages on ONNX Runtime. */
@NullMarked
package io.zoetrope.onnx;

import org.jspecify.annotations.NullMarked;
