package io.zoetrope.generate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.zoetrope.buffer.BufferPool;
import io.zoetrope.golden.Golden;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GoldenNoiseTest {
    static List<JsonNode> cases() throws IOException {
        return Golden.cases("noise.json");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void numbersAreThoseOfTheExport(JsonNode golden) {
        int[] sizes = Golden.shape(golden.get("shape"));
        LatentShape shape = new LatentShape(sizes[0], sizes[1], sizes[2], sizes[3]);
        long[] seeds = {Long.parseLong(golden.get("seed").asText())};
        FloatBuffer expected = Golden.bytes(golden.get("values")).asFloatBuffer();

        assertThat(Noise.latents(seeds, golden.get("stream").asInt(), shape, new BufferPool(0))
                        .values())
                .isEqualTo(expected);
    }
}
