package io.zoetrope.config;

/** The video codecs that the job can write. */
public enum Codec {
    VP9,
    AV1,
    H264
}
