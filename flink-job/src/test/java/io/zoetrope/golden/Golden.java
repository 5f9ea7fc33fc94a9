package io.zoetrope.golden;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.stream.StreamSupport;

/** The expected tensors that the Python side wrote to {@code onnx-export/golden}. */
public final class Golden {
    private static final Path FOLDER = Path.of("..", "onnx-export", "golden");

    private Golden() {}

    /** Returns the cases of a file in the folder. */
    public static List<JsonNode> cases(String file) throws IOException {
        JsonNode cases =
                new ObjectMapper().readTree(FOLDER.resolve(file).toFile()).get("cases");
        return StreamSupport.stream(cases.spliterator(), false).toList();
    }

    /** Returns the bytes of a base64 string; numbers in them are little-endian. */
    public static ByteBuffer bytes(JsonNode base64) {
        return ByteBuffer.wrap(Base64.getDecoder().decode(base64.asText())).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Returns the sizes of a shape. */
    public static int[] shape(JsonNode sizes) {
        return StreamSupport.stream(sizes.spliterator(), false)
                .mapToInt(JsonNode::asInt)
                .toArray();
    }
}
