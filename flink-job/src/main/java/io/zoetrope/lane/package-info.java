/** One device, one thread, one queue for every stage placed on it: batches requests and answers each exactly once; knows no video, no Flink and no model runtime. */
@NullMarked
package io.zoetrope.lane;

import org.jspecify.annotations.NullMarked;
