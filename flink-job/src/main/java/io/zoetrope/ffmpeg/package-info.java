/** The video encoder on FFmpeg, from frames to fragmented MP4 in memory. */
@NullMarked
package io.zoetrope.ffmpeg;

import org.jspecify.annotations.NullMarked;
