package io.zoetrope.bundle;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The type of a tensor's numbers. */
public enum DataType {
    FLOAT32(Float.BYTES),
    INT64(Long.BYTES),
    UINT8(Byte.BYTES);

    private final int bytes;

    DataType(int bytes) {
        this.bytes = bytes;
    }

    /** Returns the bytes of one number. */
    public int bytes() {
        return bytes;
    }

    static Optional<DataType> of(String name) {
        return Arrays.stream(values())
                .filter(type -> type.toString().equals(name))
                .findFirst();
    }

    /** As manifests name it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
