package io.zoetrope.outside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Path;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.config.ConfigurationFactory;
import org.apache.logging.log4j.core.impl.Log4jLogEvent;
import org.apache.logging.log4j.core.layout.PatternLayout;
import org.apache.logging.log4j.message.SimpleMessage;
import org.apache.logging.log4j.util.SortedArrayStringMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the JSON format of the logs of the command line and of the images. */
class LogFormatTest {
    private static final String COMMAND_LINE = "flink-job/src/main/resources/zoetrope-log4j2.properties";
    private static final String IMAGE = "docker/image/opt/flink/conf/log4j-console.properties";

    @ParameterizedTest
    @ValueSource(strings = {COMMAND_LINE, IMAGE})
    void eachMessageIsOneJsonObject(String file) throws Exception {
        String text = layout(file, "").toSerializable(event());
        JsonNode line = new JsonMapper().readTree(text);

        assertThat(text).endsWith("}\n").doesNotContain("\n{").containsOnlyOnce("\n");
        assertThat(line.get("level").asText()).isEqualTo("WARN");
        assertThat(line.get("logger").asText()).isEqualTo("io.zoetrope.Planted");
        assertThat(line.get("thread").asText()).isEqualTo("lane-\"cpu\"");
        assertThat(line.get("request_id").asText()).isEqualTo("a \"b\"\n");
        assertThat(line.get("trace_id").asText()).isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
        assertThat(line.get("message").asText()).isEqualTo("two\nlines \\ and \"quotes\"");
        assertThat(line.get("exception").asText()).contains("planted\n", "LogFormatTest.event");
    }

    @ParameterizedTest
    @ValueSource(strings = {COMMAND_LINE, IMAGE})
    void theDefaultIsText(String file) {
        Configuration configuration = configuration(file);
        PatternLayout layout = configuration.getAppenders().values().stream()
                .map(appender -> (PatternLayout) appender.getLayout())
                .findFirst()
                .orElseThrow();

        assertThat(layout.toSerializable(event()))
                .contains(" WARN  [lane-\"cpu\"] Planted - two\nlines \\ and \"quotes\"\n")
                .contains("java.lang.IllegalStateException: planted")
                .doesNotContain("{");
    }

    @ParameterizedTest
    @ValueSource(strings = {COMMAND_LINE, IMAGE})
    void aPlantedPatternWithoutEscapesIsCaught(String file) {
        String text = layout(file, "%enc{%m}{JSON}").toSerializable(event());

        assertThatThrownBy(() -> new JsonMapper().readTree(text)).isInstanceOf(JsonProcessingException.class);
    }

    /** Returns the layout of the file's JSON pattern, in which a part was replaced by the plain message. */
    private static PatternLayout layout(String file, String replaced) {
        Configuration configuration = configuration(file);
        String pattern = configuration.getStrSubstitutor().replace("${json}");
        return PatternLayout.newBuilder()
                .setConfiguration(configuration)
                .setAlwaysWriteExceptions(false)
                .setPattern(replaced.isEmpty() ? pattern : pattern.replace(replaced, "%m"))
                .build();
    }

    private static Configuration configuration(String file) {
        Path path = Repository.ROOT.resolve(file);
        Configuration configuration =
                ConfigurationFactory.getInstance().getConfiguration(new LoggerContext("test"), "test", path.toUri());
        configuration.initialize();
        return configuration;
    }

    private static Log4jLogEvent event() {
        SortedArrayStringMap fields = new SortedArrayStringMap();
        fields.putValue("request_id", "a \"b\"\n");
        fields.putValue("trace_id", "4bf92f3577b34da6a3ce929d0e0e4736");
        return Log4jLogEvent.newBuilder()
                .setLoggerName("io.zoetrope.Planted")
                .setLevel(Level.WARN)
                .setThreadName("lane-\"cpu\"")
                .setMessage(new SimpleMessage("two\nlines \\ and \"quotes\""))
                .setThrown(new IllegalStateException("planted"))
                .setContextData(fields)
                .build();
    }
}
