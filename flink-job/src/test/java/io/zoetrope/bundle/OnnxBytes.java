package io.zoetrope.bundle;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Builds ONNX files from protobuf fields. */
final class OnnxBytes {
    /** The path of field numbers ModelProto.graph, GraphProto.initializer. */
    static final int[] INITIALIZER = {7, 5};

    private OnnxBytes() {}

    /** Returns a model with one tensor, at a path of field numbers, whose data are stored at the location. */
    static byte[] externalTensor(String location, int... path) {
        byte[] key = field(1, "location".getBytes(StandardCharsets.UTF_8));
        byte[] value = field(2, location.getBytes(StandardCharsets.UTF_8));
        byte[] offset =
                field(13, concat(field(1, "offset".getBytes(StandardCharsets.UTF_8)), field(2, new byte[] {'0'})));
        byte[] message =
                concat(offset, field(13, concat(key, value)), new byte[] {14 << 3, 1}); // data_location: EXTERNAL
        for (int i = path.length - 1; i >= 0; i--) {
            message = field(path[i], message);
        }
        byte[] irVersion = {1 << 3, 10};
        return concat(irVersion, message);
    }

    static byte[] field(int number, byte[] content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            out.writeByteArray(number, content);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            bytes.writeBytes(part);
        }
        return bytes.toByteArray();
    }
}
