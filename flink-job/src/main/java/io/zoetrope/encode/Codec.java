package io.zoetrope.encode;

/** A video codec that the job can write. */
public enum Codec {
    /** Takes the least processor time for its size. */
    VP9,
    /** Makes smaller files of small clips, for two to four times the processor time. */
    AV1,
    /** Makes the largest files, which every player decodes. */
    H264
}
