package io.zoetrope.imageio;

/** Thrown for a file that is not a complete image of its format. The message says what is wrong with it. */
final class UnreadableImageException extends Exception {
    private static final long serialVersionUID = 1L;

    UnreadableImageException(String message) {
        super(message);
    }
}
