package io.zoetrope.wire;

import java.io.Serializable;

/**
 * How the values of the answers are framed: in single-object encoding, or as a schema registry's serializers do it.
 *
 * @param segmentId the id of the schema of video segments in the registry; 0 for single-object encoding
 * @param failureId the id of the schema of failures in the registry; 0 for single-object encoding
 */
public record AnswerFraming(int segmentId, int failureId) implements Serializable {
    /** The default: every value is in single-object encoding. */
    public static final AnswerFraming SINGLE_OBJECT = new AnswerFraming(0, 0);

    /** Returns the value of a segment's record. */
    public byte[] segment(byte[] singleObject) {
        return framed(singleObject, segmentId);
    }

    /** Returns the value of a failure's record. */
    public byte[] failure(byte[] singleObject) {
        return framed(singleObject, failureId);
    }

    private static byte[] framed(byte[] singleObject, int schemaId) {
        return schemaId == 0 ? singleObject : RegistryFraming.ofSingleObject(singleObject, schemaId);
    }
}
