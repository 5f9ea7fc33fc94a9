package io.zoetrope.golden;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** The arrays of a file that NumPy's {@code savez} wrote. */
public final class Npz {
    private static final Pattern HEADER =
            Pattern.compile("'descr': '([^']+)'.*'fortran_order': False.*'shape': \\(([0-9, ]*)\\)");
    private static final int MAGIC_AND_VERSION = 8;

    private final Map<String, Array> arrays = new HashMap<>();

    /**
     * An array in row-major order.
     *
     * @param type NumPy's type, such as {@code <f4}
     */
    private record Array(String type, List<Integer> shape, ByteBuffer values) {}

    /** Reads a file. */
    public static Npz read(Path file) {
        Npz npz = new Npz();
        try (ZipFile zip = new ZipFile(file.toFile())) {
            for (Enumeration<? extends ZipEntry> entries = zip.entries(); entries.hasMoreElements(); ) {
                ZipEntry entry = entries.nextElement();
                try (InputStream bytes = zip.getInputStream(entry)) {
                    npz.arrays.put(entry.getName().replace(".npy", ""), array(bytes.readAllBytes()));
                }
            }
            return npz;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Array array(byte[] bytes) {
        ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int start = MAGIC_AND_VERSION + Short.BYTES;
        int length = file.getShort(MAGIC_AND_VERSION);
        String header = new String(bytes, start, length, StandardCharsets.ISO_8859_1);
        Matcher fields = HEADER.matcher(header);
        if (!fields.find()) {
            throw new IllegalArgumentException("npy: expected a row-major array, got the header " + header);
        }
        List<Integer> shape = Stream.of(fields.group(2).split(","))
                .map(String::strip)
                .filter(size -> !size.isEmpty())
                .map(Integer::valueOf)
                .toList();
        int values = start + length;
        return new Array(
                fields.group(1),
                shape,
                file.slice(values, bytes.length - values).order(ByteOrder.LITTLE_ENDIAN));
    }

    public boolean has(String name) {
        return arrays.containsKey(name);
    }

    public int[] shape(String name) {
        return array(name, "<f4", "<i8", "|u1").shape().stream()
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /** Returns the values of a float32 array. */
    public FloatBuffer floats(String name) {
        return array(name, "<f4").values().asFloatBuffer();
    }

    /** Returns row {@code row} of an int64 array with two axes. */
    public long[] longs(String name, int row) {
        Array array = array(name, "<i8");
        long[] values = new long[array.shape().get(1)];
        array.values().asLongBuffer().position(row * values.length).get(values);
        return values;
    }

    /** Returns the values of a uint8 array. */
    public ByteBuffer bytes(String name) {
        return array(name, "|u1").values().duplicate();
    }

    private Array array(String name, String... types) {
        Array array = Objects.requireNonNull(arrays.get(name), name);
        if (!Stream.of(types).toList().contains(array.type())) {
            throw new IllegalArgumentException(
                    name + ": expected " + String.join(" or ", types) + ", got " + array.type());
        }
        return array;
    }
}
