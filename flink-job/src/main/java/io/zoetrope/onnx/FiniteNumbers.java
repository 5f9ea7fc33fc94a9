package io.zoetrope.onnx;

import io.zoetrope.buffer.PooledBuffer;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/** Refuses float32 outputs with NaN or infinite numbers: a video made from them would show noise or nothing. */
final class FiniteNumbers {
    /** The exponent bits of two float32 numbers. They are all ones in NaN and in infinity, and in no other number. */
    private static final long EXPONENTS = 0x7F80_0000_7F80_0000L;
    /** Added to two exponents, it carries into the sign bit of each number whose exponent bits are all ones. */
    private static final long ONE = 0x0080_0000_0080_0000L;

    private static final long SIGNS = 0x8000_0000_8000_0000L;

    private FiniteNumbers() {}

    /**
     * Checks an output.
     *
     * @param output float32 numbers in native byte order
     * @param tensor the name of the output, for the failure
     * @param stage the stage that the graph belongs to, for the failure
     * @param file the graph's file, for the failure
     * @throws RequestException INFERENCE_FAILED if a number is NaN or infinite
     */
    static void require(PooledBuffer output, String tensor, String stage, String file) {
        if (!allFinite(output.bytes())) {
            throw new RequestException(
                    FailureCode.INFERENCE_FAILED,
                    stage,
                    file + ": expected finite numbers in " + tensor + ", got " + found(output.floats())
                            + "; send another prompt or seed, and if others fail too, export the bundle again");
        }
    }

    /** Checks two numbers at a time without a branch, so that the check costs little compared with any run. */
    static boolean allFinite(ByteBuffer bytes) {
        long carries = 0;
        int position = 0;
        for (; position + Long.BYTES <= bytes.limit(); position += Long.BYTES) {
            carries |= (bytes.getLong(position) & EXPONENTS) + ONE;
        }
        if (position + Float.BYTES <= bytes.limit()) {
            carries |= (bytes.getInt(position) & (EXPONENTS >>> Integer.SIZE)) + (ONE >>> Integer.SIZE);
        }
        return (carries & SIGNS) == 0;
    }

    private static String found(FloatBuffer numbers) {
        int count = 0;
        int first = -1;
        for (int i = 0; i < numbers.limit(); i++) {
            if (!Float.isFinite(numbers.get(i))) {
                first = count == 0 ? i : first;
                count++;
            }
        }
        return count + " of " + numbers.limit() + " that are not, the first " + numbers.get(first) + " at index "
                + first;
    }
}
