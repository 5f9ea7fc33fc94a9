package io.zoetrope.ffmpeg;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import java.nio.charset.StandardCharsets;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;

/** Turns the error results of FFmpeg's functions into exceptions. */
final class Ffmpeg {
    private static final int TEXT_SIZE = avutil.AV_ERROR_MAX_STRING_SIZE;

    private Ffmpeg() {}

    /**
     * Returns a call's result.
     *
     * @param call the name of the call, for the message
     * @throws RequestException ENCODE_FAILED if the result is negative
     */
    static int check(int result, String call) {
        if (result < 0) {
            throw failed(call, text(result));
        }
        return result;
    }

    /**
     * Returns the pointer that a call returned.
     *
     * @param call the name of the call, for the message
     * @throws RequestException ENCODE_FAILED if the pointer is null
     */
    static <P extends Pointer> P checkPresent(@Nullable P pointer, String call) {
        if (pointer == null || pointer.isNull()) {
            throw failed(call, "a null pointer: it has no memory, or this build lacks the encoder");
        }
        return pointer;
    }

    /**
     * Checks between two calls that the thread is not interrupted. An interrupt ends an encoding that takes too long.
     *
     * @throws RequestException ENCODE_FAILED if it is
     */
    static void checkNotInterrupted() {
        if (Thread.currentThread().isInterrupted()) {
            throw new RequestException(
                    FailureCode.ENCODE_FAILED,
                    "encode",
                    "the thread was interrupted before the last frame was encoded; send the prompt again");
        }
    }

    private static RequestException failed(String call, String reason) {
        return new RequestException(
                FailureCode.ENCODE_FAILED,
                "encode",
                call + ": FFmpeg failed with " + reason + "; send the prompt again");
    }

    private static String text(int error) {
        try (BytePointer text = new BytePointer(TEXT_SIZE)) {
            avutil.av_strerror(error, text, TEXT_SIZE);
            byte[] bytes = new byte[TEXT_SIZE];
            text.get(bytes);
            // FFmpeg ends the text with a zero; what follows is memory that nobody has written.
            String all = new String(bytes, StandardCharsets.UTF_8);
            int end = all.indexOf(0);
            return end < 0 ? all : all.substring(0, end);
        }
    }
}
