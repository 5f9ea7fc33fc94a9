package io.zoetrope.generate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PhiloxTest {
    /** Checks the known answers of Random123, the library of the paper's authors: counter, key, output. */
    @ParameterizedTest
    @CsvSource({
        "00000000 00000000 00000000 00000000, 00000000 00000000, 6627e8d5 e169c58d bc57ac4c 9b00dbd8",
        "ffffffff ffffffff ffffffff ffffffff, ffffffff ffffffff, 408f276d 41c83b0e a20bc7c6 6d5451fd",
        "243f6a88 85a308d3 13198a2e 03707344, a4093822 299f31d0, d16cfe09 94fdcceb 5001e420 24126ea1"
    })
    void knownAnswersAreMet(String counter, String key, String answer) {
        int[] block = words(counter);
        Philox.permute(block, words(key)[0], words(key)[1]);
        assertThat(hex(block)).isEqualTo(answer);
    }

    private static int[] words(String hex) {
        return Stream.of(hex.split(" ")).mapToInt(HexFormat::fromHexDigits).toArray();
    }

    private static String hex(int[] words) {
        return String.join(
                " ", IntStream.of(words).mapToObj(HexFormat.of()::toHexDigits).toList());
    }
}
