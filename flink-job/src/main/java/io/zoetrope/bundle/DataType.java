package io.zoetrope.bundle;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The type of a tensor's numbers. */
public enum DataType {
    FLOAT32,
    INT64,
    UINT8;

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
