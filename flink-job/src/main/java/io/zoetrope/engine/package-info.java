/** The engine that the job calls: one request's way from a prompt through a model's stages to an encoded video. */
@NullMarked
package io.zoetrope.engine;

import org.jspecify.annotations.NullMarked;
