package io.zoetrope.bundle;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The dtype of a tensor. */
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

    /** Returns the dtype that manifests give this name; empty if there is none. */
    static Optional<DataType> of(String name) {
        return Arrays.stream(values())
                .filter(type -> type.toString().equals(name))
                .findFirst();
    }

    /** Returns the name in manifests. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
