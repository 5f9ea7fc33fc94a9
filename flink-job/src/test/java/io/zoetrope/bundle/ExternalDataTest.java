package io.zoetrope.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExternalDataTest {
    @TempDir
    Path folder;

    @Test
    void fileThatAnExporterWroteNamesItsWeights() throws IOException {
        assertThat(ExternalData.locations(BundleFolder.original().resolve("generator.onnx")))
                .containsExactly("generator.weights");
        assertThat(ExternalData.locations(BundleFolder.original().resolve("decoder.onnx")))
                .isEmpty();
    }

    /** The paths are field numbers of onnx.proto from the model to a tensor. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "7 5", // initializer
                "7 15 1", // sparse initializer, values
                "7 15 2", // sparse initializer, indices
                "7 1 5 5", // attribute of a node
                "7 1 5 10", // one of an attribute's tensors
                "7 1 5 22 1", // an attribute's sparse tensor
                "7 1 5 23 2", // one of an attribute's sparse tensors
                "7 1 5 6 5", // initializer of an If's branch
                "7 1 5 11 1 5 5", // attribute of a node in one of an attribute's graphs
                "25 7 5 5", // attribute of a node in a function
                "25 11 5", // a function's default attribute
                "20 1 5", // initializer of the training's initialization
                "20 2 5" // initializer of the training's algorithm
            })
    void tensorIsFoundAtEveryPath(String path) throws IOException {
        int[] fields = Stream.of(path.split(" ")).mapToInt(Integer::parseInt).toArray();
        assertThat(locations(OnnxBytes.externalTensor("../../etc/passwd", fields)))
                .containsExactly("../../etc/passwd");
    }

    @Test
    void everyTensorIsRead() throws IOException {
        byte[] two = OnnxBytes.concat(
                OnnxBytes.externalTensor("a", OnnxBytes.INITIALIZER),
                OnnxBytes.externalTensor("b", OnnxBytes.INITIALIZER));
        assertThat(locations(two)).containsExactly("a", "b");
    }

    @Test
    void keysOfOtherMessagesAreNotLocations() throws IOException {
        // ModelProto.metadata_props has a key and a value too, but does not belong to a tensor.
        assertThat(locations(OnnxBytes.externalTensor("x", 14))).isEmpty();
    }

    @Test
    void truncatedFileIsRefused() throws IOException {
        byte[] whole = OnnxBytes.externalTensor("weights", OnnxBytes.INITIALIZER);
        for (int length = 3; length < whole.length; length++) {
            byte[] head = Arrays.copyOf(whole, length);
            assertThatExceptionOfType(InvalidProtocolBufferException.class)
                    .as("%d of %d bytes", length, whole.length)
                    .isThrownBy(() -> locations(head));
        }
    }

    @Test
    void endlessNestingIsRefusedBeforeTheStackOverflows() {
        int[] path = new int[30_000];
        for (int i = 0; i < path.length; i += 3) { // graph, node, attribute, graph, node, ...
            path[i] = i == 0 ? 7 : 6;
            path[i + 1] = 1;
            path[i + 2] = 5;
        }
        byte[] bytes = OnnxBytes.externalTensor("x", path);
        assertThatExceptionOfType(InvalidProtocolBufferException.class)
                .isThrownBy(() -> locations(bytes))
                .withMessageContaining("nested deeper than 32");
    }

    private Set<String> locations(byte[] onnx) throws IOException {
        return ExternalData.locations(Files.write(folder.resolve("model.onnx"), onnx));
    }
}
