package io.zoetrope.prompt;

/**
 * A request's identity: the Kafka key of everything that belongs to it, and the source of its seed when it names none.
 *
 * @param value 1 to 128 characters, no control characters, well-formed UTF-16 (so that it survives as UTF-8)
 */
public record RequestId(String value) {
    /** The longest id, in characters. */
    public static final int MAX_LENGTH = 128;

    /** Refuses with an {@link IllegalArgumentException} what breaks the rules above. */
    public RequestId {
        if (value.isEmpty() || value.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("request_id: expected 1 to " + MAX_LENGTH + " characters, got "
                    + value.length() + "; use a short unique id such as a UUID");
        }
        value.codePoints().filter(RequestId::forbidden).findFirst().ifPresent(codePoint -> {
            throw new IllegalArgumentException(String.format(
                    "request_id: expected no control characters and no lone surrogates, got U+%04X; "
                            + "use a short unique id such as a UUID",
                    codePoint));
        });
    }

    private static boolean forbidden(int codePoint) {
        return Character.isISOControl(codePoint) || Character.getType(codePoint) == Character.SURROGATE;
    }

    @Override
    public String toString() {
        return value;
    }
}
