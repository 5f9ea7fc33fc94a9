package io.zoetrope.fuzz;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PromisesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "got java.nio.charset.MalformedInputException: Input length = 1",
                "from `StreamReadConstraints`: com.fasterxml.jackson.core.JsonParser",
                "<org.yaml.snakeyaml.events.StreamEndEvent>",
                "got \\u0000, io.zoetrope.config.ConfigFile",
                "NullPointerException",
            })
    void aPlantedNameOfAClassIsFound(String text) {
        assertThatThrownBy(() -> Promises.checkText(text, "zoetrope: [java.nio, Malformed\\u0049nput]"))
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("the class ");
    }

    /** Each line: a text of a fault, and the input that it quotes. */
    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', textBlock = """
            unknown field Exception,                  {"Exception": 1}
            got "\\u0000Exception",                   {"a": "\\u0000Exception"}
            got "\\u001FException",                   {"a": "\\u001fException"}
            got "\\bException\\nException",           {"a": "\\bException\\nException"}
            \\udb40\\udc01Exception: unknown,               \uDB40\uDC01Exception
            got "java.lang.String",                   {"a": "java.lang.\\u0053tring"}
            no option FooException,                   "F\\x6fo\\U00000045xception"
            no option FooException,                   "FooExc\\ \\ eption"
            undefined tag handle in java.Foo,         !java%2e%46oo 1
            no option java.Foo,                       "java.\\x46oo": 1
            got "Exc...,                              Exception
            """)
    void aNameThatTheInputContainsIsAQuote(String text, String input) {
        assertThatCode(() -> Promises.checkText(text, input)).doesNotThrowAnyException();
    }
}
