package io.zoetrope.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;

class LatentsTest {
    private static final LatentShape SHAPE = new LatentShape(12, 5, 8, 8);

    @Test
    void numbersAreThoseOfBatchAndShape() {
        assertThat(SHAPE.size()).isEqualTo(3840);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Latents(FloatBuffer.allocate(3840), 2, SHAPE))
                .withMessageContaining("= 7680 numbers, got 3840");
    }

    @Test
    void sidesArePositiveAndFitAnArray() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LatentShape(12, 0, 8, 8))
                .withMessageContaining("[12,0,8,8]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LatentShape(1 << 10, 1 << 10, 1 << 10, 2))
                .withMessageContaining("fewer than 2^31");
    }

    @Test
    void onlyTheGivenPartOfABufferIsTheirs() {
        FloatBuffer whole = FloatBuffer.allocate(10);
        whole.put(7, 3f);
        Latents latents = new Latents(whole.position(6).limit(8), 1, new LatentShape(1, 1, 1, 2));
        assertThat(latents.values().get(1)).isEqualTo(3f);
        assertThat(latents.values().isReadOnly()).isTrue();
    }
}
