package io.zoetrope.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;

class TensorSpecTest {
    private final TensorSpec embedding = TensorSpec.of(DataType.FLOAT32, TensorSpec.BATCH, TensorSpec.LENGTH, 384);

    @Test
    void symbolsTakeTheSizesOfTheRun() {
        assertThat(embedding.sizes(Axes.ofText(2, 16))).containsExactly(2, 16, 384);
        assertThat(embedding.bytes(Axes.ofText(2, 16))).isEqualTo(4 * 2 * 16 * 384);
        assertThat(TensorSpec.of(DataType.INT64, TensorSpec.BATCH).bytes(Axes.ofText(3, 0)))
                .isEqualTo(8 * 3);
        assertThat(TensorSpec.of(DataType.UINT8, TensorSpec.BATCH, 5).bytes(Axes.ofText(3, 0)))
                .isEqualTo(3 * 5);
    }

    @Test
    void sizesInPixelsFollowFromTheLatents() {
        Axes axes = new Axes(2, 0, 5, 8, 6, 17, 64, 48);

        assertThat(TensorSpec.of(DataType.FLOAT32, "B", 12, "T", "H", "W").sizes(axes))
                .containsExactly(2, 12, 5, 8, 6);
        assertThat(TensorSpec.of(DataType.UINT8, "B", "F", "R", "X").sizes(axes))
                .containsExactly(2, 17, 96, 48);
        assertThat(TensorSpec.of(DataType.UINT8, "B", "Y", "X", 3).sizes(axes)).containsExactly(2, 64, 48, 3);
    }

    @Test
    void onlySymbolsVary() {
        assertThat(embedding.shape()).filteredOn(TensorSpec::varies).containsExactly("B", "L");
    }

    @Test
    void sizesBeyondALongAreRefused() {
        assertThatExceptionOfType(ArithmeticException.class)
                .isThrownBy(() -> embedding.bytes(Axes.ofText(Integer.MAX_VALUE, Integer.MAX_VALUE)));
    }

    @Test
    void promptsArePaddedToTheNextMultiple() {
        TokenizerFile tokenizer = new TokenizerFile(
                new DigestedFile("tokenizer.json", ""), Integer.MAX_VALUE, 8, TokenizerFile.PromptCleaning.NONE);

        assertThat(tokenizer.paddedLength(8)).isEqualTo(8);
        assertThat(tokenizer.paddedLength(9)).isEqualTo(16);
        assertThat(tokenizer.paddedLength(Integer.MAX_VALUE)).isEqualTo(1L << 31);
    }
}
