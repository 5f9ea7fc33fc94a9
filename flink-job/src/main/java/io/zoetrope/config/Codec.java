package io.zoetrope.config;

/** The video codecs that the job can write. */
public enum Codec {
    AV1,
    VP9,
    H264
}
