package io.zoetrope.device;

import java.io.Serializable;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A device that a model can run on.
 *
 * @param kind the kind of device
 * @param index the machine's index of the device among those of its kind, from 0; 0 for the CPU
 */
public record Device(Kind kind, int index) implements Serializable {
    /** The CPU with all its cores. */
    public static final Device CPU = new Device(Kind.CPU, 0);

    private static final Pattern CUDA = Pattern.compile("cuda:(\\d{1,4})");

    /** The kinds of devices. */
    public enum Kind {
        CPU,
        CUDA
    }

    /** Throws an {@link IllegalArgumentException} for a negative index and for a second CPU. */
    public Device {
        if (index < 0 || (kind == Kind.CPU && index > 0)) {
            throw new IllegalArgumentException(
                    "device: expected cpu, or a GPU's index from 0, got " + kind + " " + index);
        }
    }

    /** Returns an NVIDIA GPU. */
    public static Device cuda(int index) {
        return new Device(Kind.CUDA, index);
    }

    /**
     * Reads {@code cpu} or {@code cuda:0}.
     *
     * @throws IllegalArgumentException if the text is neither
     */
    public static Device parse(String text) {
        String name = text.strip().toLowerCase(Locale.ROOT);
        if (name.equals("cpu")) {
            return CPU;
        }
        Matcher cuda = CUDA.matcher(name);
        if (!cuda.matches()) {
            throw new IllegalArgumentException("expected devices such as cpu, cuda:0 or cuda:0,cuda:1");
        }
        return cuda(Integer.parseInt(cuda.group(1)));
    }

    /** Returns the text that {@link #parse} reads. */
    @Override
    public String toString() {
        return kind == Kind.CPU ? "cpu" : "cuda:" + index;
    }
}
