package io.zoetrope.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.text.Tokens;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests on the shipped bundle, whose tokens are those of BERT, that a prompt is plain text and nothing else. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PlainTextTest {
    private static final Path BUNDLE = Path.of("../onnx-export/bundles/toybox-64");
    private static final long PAD = 0;
    private static final long CLS = 101;
    private static final long SEP = 102;
    private static final long MASK = 103;

    private DjlTokenizer tokenizer;

    @BeforeAll
    void open() {
        tokenizer = DjlTokenizer.open(ModelBundle.open(BUNDLE));
    }

    @AfterAll
    void close() {
        tokenizer.close();
    }

    @ParameterizedTest
    @CsvSource({
        "'[SEP]', '[ sep ]'",
        "'[CLS] a red circle [SEP]', '[ cls ] a red circle [ sep ]'",
        "'[PAD][PAD]', '[ pad ] [ pad ]'",
        "'a [MASK] circle', 'a [ mask ] circle'",
        "'</s> <s> <pad>', '< / s > < s > < pad >'",
        "'<|endoftext|>', '< | endoftext | >'",
        "'a (red:1.3) circle', 'a ( red : 1 . 3 ) circle'",
        "'((red)) [circle]', '( ( red ) ) [ circle ]'",
        "'a red circle AND a blue square --ar 16:9', 'a red circle and a blue square - - ar 16 : 9'"
    })
    void theSyntaxOfOthersIsReadAsItsCharacters(String prompt, String characters) {
        assertThat(ids(prompt)).isEqualTo(ids(characters));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[SEP]", "[CLS] [SEP]", "[PAD][PAD]", "[MASK]", "red [SEP] blue"})
    void noSpecialTokenStandsWithinAPrompt(String prompt) {
        long[] ids = ids(prompt);

        assertThat(ids[0]).isEqualTo(CLS);
        assertThat(ids[ids.length - 1]).isEqualTo(SEP);
        assertThat(Arrays.copyOfRange(ids, 1, ids.length - 1)).doesNotContain(PAD, CLS, SEP, MASK);
    }

    @Test
    void theUnchangedFileWouldReadASpecialToken() throws IOException {
        try (HuggingFaceTokenizer unchanged = HuggingFaceTokenizer.newInstance(
                BUNDLE.resolve("tokenizer.json"), Map.of("truncation", "false", "padding", "false"))) {
            assertThat(unchanged.encode("red [SEP] blue").getIds()).containsSequence(SEP);
            assertThat(Arrays.stream(unchanged.encode("red [SEP] blue").getIds())
                            .filter(id -> id == SEP)
                            .count())
                    .isEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "\t\r\n",
                "\u00a0",
                "\u2003\u3000",
                "\u200b",
                "\u200b \u200b",
                "\ufeff",
                "\u0000",
                "\u0000\u0000 \u0001\u0007",
                "\u001b\u007f\u0085",
                "\u00ad\u2060\u200e\u202e"
            })
    void textInWhichTheTokenizerFindsNothingIsBlank(String prompt) {
        assertThatExceptionOfType(RequestException.class)
                .isThrownBy(() -> tokenizer.tokenize(prompt))
                .withMessage("prompt: expected text, got " + prompt.length()
                        + " blank characters; describe what the video shows")
                .satisfies(fault -> assertThat(fault.code()).isEqualTo(FailureCode.INVALID_EVENT));
    }

    private long[] ids(String prompt) {
        Tokens tokens = tokenizer.tokenize(prompt);
        long[] ids = new long[tokens.length()];
        tokens.ids().duplicate().get(ids);
        return ids;
    }
}
