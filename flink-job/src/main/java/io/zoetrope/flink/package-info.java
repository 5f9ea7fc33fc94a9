/** The flow on Flink: what is read, how a request is answered once, what is written, and the engine that slots share. */
@NullMarked
package io.zoetrope.flink;

import org.jspecify.annotations.NullMarked;
