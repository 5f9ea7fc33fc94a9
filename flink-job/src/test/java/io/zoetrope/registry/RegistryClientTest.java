package io.zoetrope.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zoetrope.client.KafkaSettings;
import io.zoetrope.client.RegistryCredentials;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegistryClientTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final String SCHEMA = "\"string\"";

    private FakeRegistry registry;

    @BeforeEach
    void start() throws Exception {
        registry = new FakeRegistry();
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    @Test
    void aSchemaIsFoundByItsIdAndAnUnknownIdIsEmpty() {
        int id = registry.add("a-value", SCHEMA);

        assertThat(client().schema(id).join()).contains(SCHEMA);
        assertThat(client().schema(id + 1).join()).isEmpty();
    }

    @Test
    void aSchemaThatTheSubjectHasIsNotRegisteredAgain() {
        int id = registry.add("a-value", SCHEMA);

        assertThat(client().id("a-value", SCHEMA)).isEqualTo(id);
        assertThat(registry.requests).containsExactly("POST /subjects/a-value null");
    }

    @Test
    void aSchemaThatTheSubjectDoesNotHaveIsRegistered() {
        int id = client().id("a-value", SCHEMA);

        assertThat(client().schema(id).join()).contains(SCHEMA);
        assertThat(registry.id("a-value")).isEqualTo(id);
    }

    @Test
    void theCredentialsAreSentAsBasicAuthentication() {
        var unused = client("user:pass").schema(1).join();

        assertThat(registry.requests).containsExactly("GET /schemas/ids/1 Basic dXNlcjpwYXNz");
    }

    /** A 404 of something that is not a registry must not look like an unknown id, which ends a prompt for good. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "404 | <html>nothing here</html> | with the status 404; look at its log",
                "500 | {\"error_code\":50001,\"message\":\"no storage\"} | with the status 500 (no storage)",
                "401 | {\"error_code\":401,\"message\":\"who\"} | give its credentials as --kafka.basic.auth.user.info",
                "302 | {} | with the status 302",
                "200 | [] | with the status 200"
            })
    void anAnswerThatIsNotOneOfARegistryIsAFaultAndNotAnUnknownId(int status, String body, String message) {
        registry.answerAll(status, body);

        assertThatThrownBy(() -> client().schema(1).join())
                .hasCauseInstanceOf(RegistryException.class)
                .hasMessageContaining(message);
        assertThatThrownBy(() -> client().id("a-value", SCHEMA))
                .isInstanceOf(RegistryException.class)
                .hasMessageContaining(message);
    }

    @Test
    void anObjectWithoutASchemaIsAFaultAndNotASchemaThatIsRefused() {
        registry.answerAll(200, "{\"status\":\"maintenance\"}");

        assertThatThrownBy(() -> client().schema(1).join())
                .hasCauseInstanceOf(RegistryException.class)
                .hasMessageContaining("answered the schema id 1 without a schema");
    }

    @Test
    void aResponseThatIsTooLargeIsNotRead() {
        registry.answerAll(200, "{\"schema\":\"" + "x".repeat(2 << 20) + "\"}");

        assertThatThrownBy(() -> client().schema(1).join()).hasMessageContaining("more than 1048576 bytes");
    }

    @Test
    void aRegistryThatDoesNotListenAndOneThatDoesNotAnswerAreNamed() throws Exception {
        String url = registry.url();
        registry.close();

        assertThatThrownBy(() -> client(url, LONG, Optional.empty()).schema(1).join())
                .hasMessageContaining("the schema registry at " + url + " did not answer");
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "http://127.0.0.1:" + silent.getLocalPort();
            assertThatThrownBy(() -> client(address, Duration.ofMillis(100), Optional.empty())
                            .schema(1)
                            .join())
                    .hasMessageContaining("the schema registry at " + address + " did not answer");
        }
    }

    private RegistryClient client() {
        return client(registry.url(), LONG, Optional.empty());
    }

    private RegistryClient client(String user) {
        return client(registry.url(), LONG, Optional.of(user));
    }

    private static RegistryClient client(String url, Duration timeout, Optional<String> user) {
        Map<String, String> settings =
                user.map(value -> Map.of(RegistryCredentials.SETTING, value)).orElse(Map.of());
        return new RegistryClient(
                new RegistryAccess(
                        URI.create(url),
                        KafkaSettings.of("none:1", Optional.empty(), settings).registry()),
                timeout);
    }
}
