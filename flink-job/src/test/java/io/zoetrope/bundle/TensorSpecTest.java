package io.zoetrope.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;

class TensorSpecTest {
    private final TensorSpec embedding = TensorSpec.of(DataType.FLOAT32, TensorSpec.BATCH, TensorSpec.LENGTH, 384);

    @Test
    void symbolsTakeTheSizesOfTheRun() {
        assertThat(embedding.sizes(2, 16)).containsExactly(2, 16, 384);
        assertThat(embedding.bytes(2, 16)).isEqualTo(4 * 2 * 16 * 384);
        assertThat(TensorSpec.of(DataType.INT64, TensorSpec.BATCH).bytes(3, 0)).isEqualTo(8 * 3);
        assertThat(TensorSpec.of(DataType.UINT8, TensorSpec.BATCH, 5).bytes(3, 0))
                .isEqualTo(3 * 5);
    }

    @Test
    void onlySymbolsVary() {
        assertThat(embedding.shape()).filteredOn(TensorSpec::varies).containsExactly("B", "L");
    }

    @Test
    void sizesBeyondALongAreRefused() {
        assertThatExceptionOfType(ArithmeticException.class)
                .isThrownBy(() -> embedding.bytes(Integer.MAX_VALUE, Integer.MAX_VALUE));
    }

    @Test
    void promptsArePaddedToTheNextMultiple() {
        TokenizerFile tokenizer = new TokenizerFile(new DigestedFile("tokenizer.json", ""), Integer.MAX_VALUE, 8);

        assertThat(tokenizer.paddedLength(8)).isEqualTo(8);
        assertThat(tokenizer.paddedLength(9)).isEqualTo(16);
        assertThat(tokenizer.paddedLength(Integer.MAX_VALUE)).isEqualTo(1L << 31);
    }
}
