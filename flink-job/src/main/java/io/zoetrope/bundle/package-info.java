/** The model bundle: a folder with a manifest and ONNX files, verified as a whole before anything of it is loaded. */
@NullMarked
package io.zoetrope.bundle;

import org.jspecify.annotations.NullMarked;
