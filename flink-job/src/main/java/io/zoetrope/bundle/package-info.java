/** The model bundle: a folder with a manifest and ONNX files, all verified before any of them is loaded. */
@NullMarked
package io.zoetrope.bundle;

import org.jspecify.annotations.NullMarked;
