package io.zoetrope.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zoetrope.config.ConfigException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.config.types.Password;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KafkaSettingsTest {
    private static final String SERVERS = "kafka-1:9093";

    @TempDir
    private Path folder;

    @Test
    void everyKindOfClientGetsTheAddressesAndTheSettings() {
        KafkaSettings settings = settings(Map.of("security.protocol", "SASL_SSL"));

        assertThat(Stream.of(settings.consumer(), settings.producer(), settings.admin()))
                .allSatisfy(client -> assertThat(client)
                        .containsEntry("bootstrap.servers", SERVERS)
                        .containsEntry("security.protocol", "SASL_SSL"));
    }

    @Test
    void aSettingOfOneKindOfClientIsNotGivenToTheOthers() {
        KafkaSettings settings = settings(Map.of("linger.ms", "5", "fetch.min.bytes", "2", "our.plugin", "on"));

        assertThat(settings.producer())
                .containsEntry("linger.ms", "5")
                .containsEntry("our.plugin", "on")
                .doesNotContainKey("fetch.min.bytes");
        assertThat(settings.consumer()).containsEntry("fetch.min.bytes", "2").doesNotContainKey("linger.ms");
        assertThat(settings.admin())
                .containsEntry("our.plugin", "on")
                .doesNotContainKeys("linger.ms", "fetch.min.bytes");
    }

    @Test
    void theCredentialsOfTheSchemaRegistryGoToTheRegistryOnlyAndStayInTheirFile() throws Exception {
        Path file = Files.writeString(folder.resolve("client.properties"), "basic.auth.user.info=user:secret-1618\n");

        KafkaSettings settings = KafkaSettings.of(SERVERS, Optional.of(file), Map.of());

        assertThat(Stream.of(settings.consumer(), settings.producer(), settings.admin()))
                .allSatisfy(client -> assertThat(client).doesNotContainKey(RegistryCredentials.SETTING));
        assertThat(settings.registry().getProperty(RegistryCredentials.SETTING)).doesNotContain("1618");
        assertThat(RegistryCredentials.resolve(settings.registry())).contains("user:secret-1618");
        assertThat(RegistryCredentials.resolve(KafkaSettings.of(SERVERS).registry()))
                .isEmpty();
    }

    @Test
    void settingsOverrideTheFile() throws Exception {
        Path file = Files.writeString(folder.resolve("client.properties"), "client.id=file\nsecurity.protocol=SSL\n");

        KafkaSettings settings = KafkaSettings.of(SERVERS, Optional.of(file), Map.of("client.id", "argument"));

        assertThat(settings.admin()).containsEntry("client.id", "argument").containsEntry("security.protocol", "SSL");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bootstrap.servers",
                "group.id",
                "transactional.id",
                "isolation.level",
                "enable.auto.commit",
                "key.deserializer",
                "value.serializer",
                "acks",
                "enable.idempotence",
                "auto.offset.reset",
                "config.providers.env.class"
            })
    void settingsThatWouldBreakAPromiseAreRefusedWithAReason(String key) {
        assertThatThrownBy(() -> settings(Map.of(key, "value-that-may-be-secret")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("--kafka." + key + ": ")
                .hasMessageContaining("; ")
                .hasMessageNotContaining("value-that-may-be-secret");
    }

    @Test
    void aRefusedSettingOfTheFileNamesTheFile() throws Exception {
        Path file = Files.writeString(folder.resolve("client.properties"), "isolation.level=read_uncommitted\n");

        assertThatThrownBy(() -> KafkaSettings.of(SERVERS, Optional.of(file), Map.of()))
                .hasMessageContaining(file + ": isolation.level: ");
        assertThatThrownBy(() -> KafkaSettings.of(SERVERS, Optional.of(folder.resolve("none")), Map.of()))
                .hasMessageContaining("none: cannot be read");
    }

    @Test
    void referencesAreResolvedOnlyWhereAClientIsCreated() throws Exception {
        Path secret = Files.writeString(folder.resolve("password"), "from a file\n");
        Path properties = Files.writeString(folder.resolve("secrets.properties"), "key = from properties\n");
        KafkaSettings settings = settings(Map.of(
                "ssl.truststore.password", "${file:" + secret + "}",
                "ssl.keystore.password", "${file:" + properties + ":key}",
                "sasl.jaas.config", "password=\"${env:PATH}\";"));

        assertThat(settings.admin()).containsEntry("ssl.truststore.password", "${file:" + secret + "}");

        var resolved = new AdminClientConfig(settings.admin());
        assertThat(password(resolved, SslConfigs.SSL_TRUSTSTORE_PASSWORD_CONFIG))
                .isEqualTo("from a file");
        assertThat(password(resolved, SslConfigs.SSL_KEYSTORE_PASSWORD_CONFIG)).isEqualTo("from properties");
        assertThat(password(resolved, SaslConfigs.SASL_JAAS_CONFIG))
                .isEqualTo("password=\"" + System.getenv("PATH") + "\";");
    }

    @Test
    void aReferenceThatCannotBeResolvedIsAnErrorAndNotAPassword() throws Exception {
        Path properties = Files.writeString(folder.resolve("secrets.properties"), "key=value\n");
        Path missing = folder.resolve("missing");

        assertThatThrownBy(() -> resolve("${env:ZOETROPE_NOT_SET}"))
                .hasMessageContaining("the environment variable ZOETROPE_NOT_SET is not set here");
        assertThatThrownBy(() -> resolve("${file:" + missing + "}"))
                .hasMessageContaining("the file " + missing + ", which cannot be read here");
        assertThatThrownBy(() -> resolve("${file:" + properties + ":other}"))
                .hasMessageContaining(properties + " has no value other");
    }

    @Test
    void literalSecretsOfTheFileStayInTheFile() throws Exception {
        String canary = "canary-3141";
        Path file = Files.writeString(
                folder.resolve("client.properties"),
                "ssl.truststore.password=" + canary + "\nsasl.jaas.config=${env:PATH}\nplugin.api.key=" + canary
                        + "\n");

        Properties client =
                KafkaSettings.of(SERVERS, Optional.of(file), Map.of()).producer();

        assertThat(client.toString()).doesNotContain(canary);
        assertThat(client)
                .containsEntry("ssl.truststore.password", "${file:" + file + ":ssl.truststore.password}")
                .containsEntry("plugin.api.key", "${file:" + file + ":plugin.api.key}")
                .containsEntry("sasl.jaas.config", "${env:PATH}");
        assertThat(password(new AdminClientConfig(client), "ssl.truststore.password"))
                .isEqualTo(canary);
    }

    @Test
    void theTextOfTheSettingsHasNoValues() {
        assertThat(settings(Map.of("ssl.key.password", "canary"))).hasToString(SERVERS + " [ssl.key.password]");
    }

    private static KafkaSettings settings(Map<String, String> settings) {
        return KafkaSettings.of(SERVERS, Optional.empty(), settings);
    }

    private static AbstractConfig resolve(String reference) {
        return new AdminClientConfig(
                settings(Map.of("ssl.key.password", reference)).admin());
    }

    private static String password(AbstractConfig config, String key) {
        Password password = config.getPassword(key);
        return password.value();
    }
}
