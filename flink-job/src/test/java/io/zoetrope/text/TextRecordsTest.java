package io.zoetrope.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.zoetrope.buffer.TestBuffers;
import java.nio.LongBuffer;
import org.junit.jupiter.api.Test;

class TextRecordsTest {
    @Test
    void tokensCountTheirPadding() {
        Tokens tokens = new Tokens(LongBuffer.wrap(new long[] {2, 7, 3, 0}), 3);
        assertThat(tokens.paddedLength()).isEqualTo(4);
        assertThat(tokens.length()).isEqualTo(3);
    }

    @Test
    void lengthIsAtMostTheNumberOfIds() {
        LongBuffer ids = LongBuffer.allocate(4);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Tokens(ids, 5))
                .withMessageContaining("1 to 4")
                .withMessageContaining("got 5");
        assertThatIllegalArgumentException().isThrownBy(() -> new Tokens(ids, 0));
    }

    @Test
    void embeddingHasWholeRowsAndAtLeastItsLength() {
        assertThat(new TextEmbedding(TestBuffers.floats(new float[12]), 2, 4).paddedLength())
                .isEqualTo(3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TextEmbedding(TestBuffers.floats(new float[10]), 1, 4))
                .withMessageContaining("whole rows of 4 numbers, got 10");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TextEmbedding(TestBuffers.floats(new float[12]), 4, 4))
                .withMessageContaining("1 to 3 rows without padding");
    }

    @Test
    void readersDoNotDisturbEachOther() {
        Tokens tokens = new Tokens(LongBuffer.wrap(new long[] {2, 7, 3, 0}), 3);
        tokens.ids().get();
        assertThat(tokens.ids().position()).isZero();
        assertThat(tokens.ids().isReadOnly()).isTrue();
        assertThat(tokens).isEqualTo(new Tokens(LongBuffer.wrap(new long[] {2, 7, 3, 0}), 3));
    }
}
