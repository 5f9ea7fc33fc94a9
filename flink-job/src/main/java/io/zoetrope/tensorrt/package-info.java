/**
 * The model stages on TensorRT's engines: text encoder, image encoder, generator and frame decoder.
 *
 * <p>Everything that this project decides is above two narrow ports, {@link io.zoetrope.tensorrt.Cuda} and {@link
 * io.zoetrope.tensorrt.TensorRt}, and is tested on a fake of them: profiles, cached engines, the lifetimes of buffers,
 * the order of calls on a stream, errors. Below them is the binding, which only passes calls on.
 */
@NullMarked
package io.zoetrope.tensorrt;

import org.jspecify.annotations.NullMarked;
