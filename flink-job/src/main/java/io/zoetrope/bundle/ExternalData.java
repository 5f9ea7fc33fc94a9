package io.zoetrope.bundle;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A reader of the paths of the other files that an ONNX file refers to. It walks the protobuf down to every tensor and
 * does not load the model, because a runtime that loads the file opens those files (CVE-2022-25882, CVE-2024-5187,
 * CVE-2024-27318).
 */
final class ExternalData {
    /**
     * The maximum nesting of messages: ten graphs inside of each other, three messages each. No exporter nests deeper,
     * and ONNX Runtime's time to load a graph doubles with each nested one: 25 of them take hours.
     */
    private static final int MAX_DEPTH = 32;

    /** The longest key or value of external data in bytes: more than the longest path. */
    private static final int MAX_TEXT = 8192;

    private static final int EXTERNAL_DATA_FIELD = 13;
    private static final int KEY_FIELD = 1;
    private static final int VALUE_FIELD = 2;

    /** The messages of onnx.proto that can contain a tensor, at any depth. */
    private enum Message {
        MODEL,
        GRAPH,
        NODE,
        ATTRIBUTE,
        TENSOR,
        SPARSE_TENSOR,
        FUNCTION,
        TRAINING
    }

    /** The fields that lead to a tensor, by message and field number. */
    private static final Map<Message, Map<Integer, Message>> NESTED = Map.of(
            Message.MODEL, Map.of(7, Message.GRAPH, 20, Message.TRAINING, 25, Message.FUNCTION),
            Message.GRAPH, Map.of(1, Message.NODE, 5, Message.TENSOR, 15, Message.SPARSE_TENSOR),
            Message.NODE, Map.of(5, Message.ATTRIBUTE),
            Message.ATTRIBUTE,
                    Map.of(
                            5, Message.TENSOR,
                            6, Message.GRAPH,
                            10, Message.TENSOR,
                            11, Message.GRAPH,
                            22, Message.SPARSE_TENSOR,
                            23, Message.SPARSE_TENSOR),
            Message.TENSOR, Map.of(),
            Message.SPARSE_TENSOR, Map.of(1, Message.TENSOR, 2, Message.TENSOR),
            Message.FUNCTION, Map.of(7, Message.NODE, 11, Message.ATTRIBUTE),
            Message.TRAINING, Map.of(1, Message.GRAPH, 2, Message.GRAPH));

    private final CodedInputStream in;
    private final Set<String> locations = new TreeSet<>();

    private ExternalData(CodedInputStream in) {
        this.in = in;
    }

    /**
     * Returns the locations that the tensors of a file name, unchanged. A valid location is relative to the file's
     * folder.
     *
     * @throws InvalidProtocolBufferException if the file is not protobuf
     */
    static Set<String> locations(Path onnx) throws IOException {
        try (InputStream bytes = new BufferedInputStream(Files.newInputStream(onnx))) {
            ExternalData data = new ExternalData(CodedInputStream.newInstance(bytes));
            data.walk(Message.MODEL, 0);
            return data.locations;
        }
    }

    private void walk(Message message, int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw new InvalidProtocolBufferException("messages are nested deeper than " + MAX_DEPTH);
        }
        Map<Integer, Message> nested = NESTED.getOrDefault(message, Map.of());
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            int field = WireFormat.getTagFieldNumber(tag);
            boolean delimited = WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
            Message inner = nested.get(field);
            if (delimited && inner != null) {
                delimited(() -> walk(inner, depth + 1));
            } else if (delimited && message == Message.TENSOR && field == EXTERNAL_DATA_FIELD) {
                delimited(this::entry);
            } else {
                in.skipField(tag);
            }
        }
    }

    /** Reads a key and its value; the keys of tensors are location, offset, length and checksum. */
    private void entry() throws IOException {
        String key = "";
        String value = "";
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
                in.skipField(tag);
                continue;
            }
            switch (WireFormat.getTagFieldNumber(tag)) {
                case KEY_FIELD -> key = shortText();
                case VALUE_FIELD -> value = shortText();
                default -> in.skipField(tag);
            }
        }
        if (key.equals("location")) {
            locations.add(value);
        }
    }

    private String shortText() throws IOException {
        int length = in.readRawVarint32();
        if (length < 0 || length > MAX_TEXT) {
            throw new InvalidProtocolBufferException("a key or value of external data is longer than " + MAX_TEXT);
        }
        return new String(in.readRawBytes(length), StandardCharsets.UTF_8);
    }

    private void delimited(Reading reading) throws IOException {
        int outer = in.pushLimit(in.readRawVarint32());
        reading.run();
        if (in.getBytesUntilLimit() != 0) {
            throw new InvalidProtocolBufferException("a message ends before its length");
        }
        in.popLimit(outer);
    }

    @FunctionalInterface
    private interface Reading {
        void run() throws IOException;
    }
}
