package io.zoetrope.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.bundle.Axes;
import io.zoetrope.bundle.DataType;
import io.zoetrope.bundle.DigestedFile;
import io.zoetrope.bundle.GraphFile;
import io.zoetrope.bundle.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BindingsTest {
    @Test
    void aSmallModelKeepsTheInputsOfAllItsShapes() throws Exception {
        try (Bindings bindings = new Bindings(graph(384))) {
            List<Binding> first = useAllShapes(bindings);
            List<Binding> second = useAllShapes(bindings);

            assertThat(second).usingElementComparator((a, b) -> a == b ? 0 : 1).isEqualTo(first);
            assertThat(bindings.idleBytes())
                    .isEqualTo(first.stream().mapToLong(Binding::inputBytes).sum());
        }
    }

    @Test
    void aLargeModelKeepsAtLeastTheLastInputs() throws Exception {
        int widthAtWhichTwoFit = (int) (SessionSpec.MAX_IDLE_INPUT_BYTES / 2 / Float.BYTES);
        try (Bindings bindings = new Bindings(graph(widthAtWhichTwoFit))) {
            for (int batch = 1; batch <= 3; batch++) {
                Binding used = bindings.take(Axes.ofText(batch, 1));
                bindings.putBack(used);

                assertThat(bindings.idleBytes())
                        .isLessThanOrEqualTo(Math.max(SessionSpec.MAX_IDLE_INPUT_BYTES, used.inputBytes()));
                Binding again = bindings.take(Axes.ofText(batch, 1));
                assertThat(again).isSameAs(used);
                assertThat(bindings.idleBytes()).isLessThanOrEqualTo(SessionSpec.MAX_IDLE_INPUT_BYTES);
                bindings.putBack(again);
            }
        }
    }

    private static List<Binding> useAllShapes(Bindings bindings) throws Exception {
        List<Binding> used = new ArrayList<>();
        for (int length = 16; length <= 64; length += 16) {
            for (int batch = 1; batch <= 16; batch++) {
                Binding binding = bindings.take(Axes.ofText(batch, length));
                used.add(binding);
                bindings.putBack(binding);
            }
        }
        return used;
    }

    private static GraphFile graph(int width) {
        return new GraphFile(
                new DigestedFile("graph.onnx", ""),
                List.of(),
                Map.of("x", new TensorSpec(DataType.FLOAT32, List.of("B", "L", Integer.toString(width)))),
                Map.of("y", new TensorSpec(DataType.FLOAT32, List.of("B"))),
                16,
                "float32");
    }
}
