package io.zoetrope;

import com.github.luben.zstd.ZstdInputStream;
import io.zoetrope.flink.KafkaHeader;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * 2,352 odd records for the prompts topic: flipped bits, truncations, wrong lengths, odd keys, texts and images, and
 * good records between them. The file {@code wire-corpus.zst} has them one after the other, {@code wire-corpus.tsv} what
 * each is answered by.
 */
public final class WireCorpus {
    /** What a record is answered by. */
    public enum Expected {
        VIDEO,
        FAILURE,
        /** Exactly one answer: a changed bit may or may not make a difference. */
        ANY,
        /** One video for all records of the same key. */
        DUPLICATE
    }

    /** A record and its answer. Its key and its value may be absent. */
    @SuppressWarnings("ArrayRecordComponent") // nothing compares records
    public record Entry(
            String name,
            byte @Nullable [] key,
            byte @Nullable [] value,
            List<KafkaHeader> headers,
            String compression,
            Expected expected) {}

    private WireCorpus() {}

    /** Reads all records. */
    public static List<Entry> read() throws IOException {
        Map<String, Expected> expected = expected();
        List<Entry> entries = new ArrayList<>();
        try (DataInputStream in = new DataInputStream(
                new BufferedInputStream(new ZstdInputStream(resource("wire-corpus.zst")), 1 << 20))) {
            while (entries.size() < expected.size()) {
                String name = new String(Objects.requireNonNull(bytes(in)), StandardCharsets.UTF_8);
                entries.add(entry(in, name, Objects.requireNonNull(expected.get(name), name)));
            }
        }
        return entries;
    }

    private static Entry entry(DataInputStream in, String name, Expected expected) throws IOException {
        in.readInt(); // the partition, which is always left to the key
        byte[] key = bytes(in);
        byte[] value = bytes(in);
        List<KafkaHeader> headers = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            String header = new String(Objects.requireNonNull(bytes(in)), StandardCharsets.UTF_8);
            byte[] content = bytes(in);
            if (content != null) {
                headers.add(new KafkaHeader(header, content));
            }
        }
        String compression = new String(Objects.requireNonNull(bytes(in)), StandardCharsets.UTF_8);
        return new Entry(name, key, value, headers, compression, expected);
    }

    private static byte @Nullable [] bytes(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0) {
            return null;
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return bytes;
    }

    private static Map<String, Expected> expected() throws IOException {
        Map<String, Expected> expected = new HashMap<>();
        String lines = new String(resource("wire-corpus.tsv").readAllBytes(), StandardCharsets.UTF_8);
        for (String line : lines.lines().toList()) {
            String[] fields = line.split("\t", -1);
            expected.put(
                    fields[0],
                    switch (fields[1]) {
                        case "V" -> Expected.VIDEO;
                        case "F", "N" -> Expected.FAILURE;
                        case "A" -> Expected.ANY;
                        case "D" -> Expected.DUPLICATE;
                        default -> throw new IllegalStateException("wire-corpus.tsv: unknown expectation " + line);
                    });
        }
        return expected;
    }

    private static InputStream resource(String name) {
        return Objects.requireNonNull(WireCorpus.class.getResourceAsStream(name), name);
    }
}
