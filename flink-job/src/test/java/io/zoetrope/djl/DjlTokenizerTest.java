package io.zoetrope.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.zoetrope.bundle.BundleException;
import io.zoetrope.bundle.BundleFolder;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.text.Tokens;
import java.io.IOException;
import java.nio.LongBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests on the tiny bundle, whose tokens are words, at most 16 of them, padded to multiples of 8. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DjlTokenizerTest {
    private DjlTokenizer tokenizer;

    @BeforeAll
    void open() {
        tokenizer = DjlTokenizer.open(ModelBundle.open(BundleFolder.original()));
    }

    @AfterAll
    void close() {
        tokenizer.close();
    }

    @Test
    void promptGetsSpecialTokensAndPadding() {
        Tokens tokens = tokenizer.tokenize("A red Circle moves left");

        assertThat(tokens.ids()).isEqualTo(LongBuffer.wrap(new long[] {2, 4, 5, 7, 9, 10, 3, 0}));
        assertThat(tokens.length()).isEqualTo(7);
        assertThat(tokens.paddedLength()).isEqualTo(8);
    }

    @Test
    void paddingIsToTheNextMultipleAndNoFurther() {
        assertThat(tokenizer.tokenize("a a a a a a").paddedLength()).isEqualTo(8);
        assertThat(tokenizer.tokenize("a a a a a a a").paddedLength()).isEqualTo(16);
    }

    @Test
    void truncationAndPaddingOfTheFileAreIgnored() {
        // tokenizer.json would truncate at 6 tokens and pad to 12.
        assertThat(tokenizer.tokenize("a red circle moves left and up").length())
                .isEqualTo(9);
    }

    @Test
    void longestPromptIsReadAndALongerOneIsRefusedNotTruncated() {
        assertThat(tokenizer.tokenize("a ".repeat(14)).length()).isEqualTo(16);
        assertThatExceptionOfType(RequestException.class)
                .isThrownBy(() -> tokenizer.tokenize("a ".repeat(15)))
                .withMessage("prompt: tiny reads at most 16 tokens, this one has 17; shorten it")
                .satisfies(fault -> assertThat(fault.code()).isEqualTo(FailureCode.PROMPT_TOO_LONG));
    }

    @Test
    void anyTextHasTokens() {
        for (String text : new String[] {"願い", "\uD83C\uDFA5 \uD83C\uDFA5", "\uD83C", "a\u0000b", "\u202Ea"}) {
            assertThat(tokenizer.tokenize(text).length()).as(text).isBetween(2, 16);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\t\n", "\u3000"})
    void textWithoutTokensIsBlank(String text) {
        assertThatExceptionOfType(RequestException.class)
                .isThrownBy(() -> tokenizer.tokenize(text))
                .withMessageStartingWith("prompt: expected text, got " + text.length() + " blank characters")
                .satisfies(fault -> assertThat(fault.code()).isEqualTo(FailureCode.INVALID_EVENT));
    }

    @Test
    void manyThreadsGetTheSameTokens() {
        Tokens alone = tokenizer.tokenize("a blue star moves up");
        assertThat(IntStream.range(0, 2_000).parallel().mapToObj(i -> tokenizer.tokenize("a blue star moves up")))
                .allSatisfy(tokens -> assertThat(tokens).isEqualTo(alone));
    }

    @Test
    void libraryStaysOffline() {
        assertThat(System.getProperty("ai.djl.offline")).isEqualTo("true");
    }

    @Test
    void fileThatIsNotATokenizerIsABundleFault(@TempDir Path temp) throws IOException {
        BundleFolder folder = BundleFolder.copy(temp);
        folder.write("tokenizer.json", "{}".getBytes(StandardCharsets.UTF_8));
        folder.updateDigest("tokenizer", "tokenizer.json");
        assertThatExceptionOfType(BundleException.class)
                .isThrownBy(() -> DjlTokenizer.open(ModelBundle.open(folder.path())))
                .withMessageContaining("tokenizer.json: expected a tokenizer in Hugging Face's format");
    }
}
