package io.zoetrope.prompt;

/**
 * The id of a request. It is the Kafka key of all the request's records, and the source of the seed if the request does
 * not contain a seed.
 *
 * @param value the id: 1 to 128 characters, no control characters, well-formed UTF-16 (so that UTF-8 can represent it)
 */
public record RequestId(String value) {
    private static final int MAX_LENGTH = 128;

    /** Throws an {@link IllegalArgumentException} if the value breaks one of these rules. */
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
