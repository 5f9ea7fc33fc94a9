package io.zoetrope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KafkaOptionsTest {
    private final StringWriter output = new StringWriter();

    @Test
    void bothFormsOfASettingAreRewrittenAndOtherArgumentsAreNot() {
        assertThat(KafkaOptions.rewrite("prompt", "a ring", "--kafka.a.b", "c=d e", "--kafka.f=g", "--seed", "7"))
                .containsExactly("prompt", "a ring", "--kafka.SETTING=a.b=c=d e", "--kafka.SETTING=f=g", "--seed", "7");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "prompt text",
                "watch",
                "audit",
                "topics show",
                "topics apply",
                "job --bootstrap-servers 127.0.0.1:1",
                "up",
                "demo"
            })
    void everyCommandTakesKafkasSettingsAndRefusesTheReservedOnes(String command) {
        String[] arguments = (command + " --kafka.linger.ms 5 --kafka.isolation.level=canary-271").split(" ");

        assertThat(run(arguments)).isEqualTo(Zoetrope.COMMAND_FAILED);
        assertThat(output.toString())
                .contains("--kafka.isolation.level: answers and prompts of aborted transactions")
                .doesNotContain("linger.ms", "canary-271");
    }

    @ParameterizedTest
    @ValueSource(strings = {"prompt", "watch", "audit", "topics apply", "job", "up", "demo"})
    void theHelpOfEveryCommandNamesTheSettings(String command) {
        run((command + " --help").split(" "));

        assertThat(output.toString()).contains("--kafka.SETTING=VALUE", "--client-properties=", "${env:NAME}");
    }

    @Test
    void aSecretThatIsNotQuotedIsNotPrinted() {
        run("job", "--kafka.sasl.jaas.config", "Login", "required", "password=canary-271;");

        assertThat(output.toString())
                .contains("an argument after --kafka.sasl.jaas.config: expected an option; put a value with spaces")
                .doesNotContain("canary-271");
    }

    private int run(String... arguments) {
        PrintWriter writer = new PrintWriter(output, true);
        return Zoetrope.commandLine().setOut(writer).setErr(writer).execute(arguments);
    }
}
