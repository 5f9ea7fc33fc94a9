package io.zoetrope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConsoleTextTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u001b]0;title\u0007", // sets the window's title
                "\u001b[2J", // clears the screen
                "\u009b31m", // the same introducer as one character of C1
                "\r", // goes to the start of the line
                "\b",
                "\t",
                "\u007f",
                "\u202egnp.exe", // reverses what follows
                "\u2066",
                "\u200b",
                "\u2028",
                "\ufeff",
                "\ud800",
                "\udb40\udc41" // a tag, which is invisible
            })
    void whatATerminalWouldObeyOrHideIsEscaped(String text) {
        assertThat(ConsoleText.escaped("a" + text + "b"))
                .startsWith("a\\")
                .endsWith("b")
                .matches("[\\x20-\\x7e]*");
    }

    @Test
    void ordinaryTextInAnyScriptIsUnchanged() {
        String text = "a red circle, \u010cesk\u00fd, \u65e5\u672c\u8a9e, \ud83d\ude80 e\u0301";

        assertThat(ConsoleText.line(text)).isEqualTo(text);
    }

    @Test
    void theWriterKeepsLineEndsAndALineHasNone() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintWriter writer = ConsoleText.writer(bytes);

        writer.println("one\u001b[31m");
        writer.printf("%s%n", "tw\u202eo");
        writer.print('\u0007');
        writer.println(ConsoleText.line("three\nfour"));

        assertThat(bytes.toString(StandardCharsets.UTF_8))
                .isEqualTo("one\\u001b[31m\ntw\\u202eo\n\\u0007three\\nfour\n");
    }

    @Test
    void aMessageCannotPretendToBeTwo() {
        StringWriter out = new StringWriter();
        Progress progress = new Progress(new PrintWriter(out), InstantSource.fixed(Instant.EPOCH), Instant.EPOCH);

        progress.print("order-17\n   9.9 s  order-18.mp4 saved");

        assertThat(out.toString().lines()).hasSize(1);
    }
}
