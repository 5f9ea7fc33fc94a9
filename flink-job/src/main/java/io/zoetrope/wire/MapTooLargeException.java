package io.zoetrope.wire;

/** Thrown for a well-formed record whose map is larger than its limits. */
final class MapTooLargeException extends MalformedRecordException {
    private static final long serialVersionUID = 1L;

    MapTooLargeException(String message) {
        super(message);
    }
}
