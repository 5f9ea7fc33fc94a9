package io.zoetrope.encode;

/** A video codec of the published segments. */
public enum Codec {
    /** VP9, which takes the least processor time for its file size. */
    VP9,
    /** AV1, which makes smaller files of small clips than VP9, for two to four times the processor time. */
    AV1,
    /** H.264, which makes the largest files; every player decodes it. */
    H264
}
