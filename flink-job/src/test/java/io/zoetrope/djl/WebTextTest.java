package io.zoetrope.djl;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The expected texts are those of Python: onnx-export's {@code data/prompt_cleaning.py}. */
class WebTextTest {
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "a red circle, a red circle",
                "` a\t small \n robot `, a small robot",
                "a\u00a0robot\u2003on\u001ca\u3000wall, a robot on a wall",
                "\u2018a\u2019 \u201cb\u201d \u02bcc, 'a' \"b\" 'c",
                "salt &amp; pepper, salt & pepper",
                "salt &amp;amp; pepper, salt & pepper",
                "&lt;b&gt; &#39;x&#39; &#x41; &eacute;, <b> 'x' A \u00e9",
                "&amp;lt;, <",
                "AT&T and R&B, AT&T and R&B",
                "`&nbsp;a&nbsp;`, a",
            })
    void aPromptIsCleanedAsPythonDoes(String prompt, String cleaned) {
        assertThat(WebText.clean(prompt)).isEqualTo(cleaned);
    }
}
