package io.zoetrope.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValueTypeTest {

    @ParameterizedTest
    @CsvSource({"500 ms,PT0.5S", "10 s,PT10S", "10s,PT10S", "5 min,PT5M", "24 h,PT24H", "7 d,PT168H", "' 1  s ',PT1S"})
    void durationsAreReadWithTheirUnits(String text, Duration expected) {
        assertThat(DurationText.parse(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10", "s", "-1 s", "1.5 s", "1 S", "1 fortnight", "9999999999999 s"})
    void aTextThatIsNotADurationIsRefusedWithExamples(String text) {
        assertThatThrownBy(() -> DurationText.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected a duration such as 500 ms, 10 s, 5 min, 24 h or 7 d");
    }

    @ParameterizedTest
    @CsvSource({"0 B,0", "512 B,512", "64 KiB,65536", "8 MiB,8388608", "8MiB,8388608", "1 GiB,1073741824"})
    void sizesAreReadWithTheirUnits(String text, long bytes) {
        assertThat(DataSize.parse(text)).isEqualTo(new DataSize(bytes));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "8", "MiB", "-8 MiB", "8 MB", "8.5 MiB", "99999999999999999 GiB"})
    void aTextThatIsNotASizeIsRefused(String text) {
        assertThatThrownBy(() -> DataSize.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("expected a size");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "ä", ".", "..", "x/y"})
    void aTopicNameThatKafkaRefusesIsRefused(String text) {
        assertThatThrownBy(() -> ValueType.topic().reader().apply(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void limitsAreInclusiveAndInTheMessage() {
        ValueType<Duration> type = ValueType.duration("1 s", "1 h");

        assertThat(type.name()).isEqualTo("duration, 1 s to 1 h");
        assertThat(type.reader().apply("1 s")).isEqualTo(Duration.ofSeconds(1));
        assertThat(type.reader().apply("60 min")).isEqualTo(Duration.ofHours(1));
        assertThatThrownBy(() -> type.reader().apply("999 ms")).hasMessage("expected a duration from 1 s to 1 h");
        assertThatThrownBy(() -> type.reader().apply("2 h")).hasMessage("expected a duration from 1 s to 1 h");
    }

    @Test
    void anEnumIsReadByItsHyphenatedName() {
        ValueType<Delivery> type = ValueType.oneOf(Delivery.class);

        assertThat(type.reader().apply("At-Least-Once")).isEqualTo(Delivery.AT_LEAST_ONCE);
        assertThatThrownBy(() -> type.reader().apply("at_least_once"))
                .hasMessage("expected one of exactly-once, at-least-once");
    }
}
