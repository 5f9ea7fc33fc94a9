package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zoetrope.config.ConfigException;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.Setting;
import io.zoetrope.flink.KafkaCheck;
import io.zoetrope.kafka.EmbeddedBroker;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shows that what Kafka would refuse later is reported before the job starts. */
class KafkaCheckIT {
    private static EmbeddedBroker broker;
    private static TestTopics topics;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        broker = EmbeddedBroker.start(folder, EmbeddedBroker.ANY_PORT);
        topics = new TestTopics(broker.bootstrapServers());
    }

    @AfterAll
    static void stop() {
        topics.close();
        broker.close();
    }

    @Test
    void topicsThatWouldRefuseAnswersAreReportedBeforeTheJobStarts() {
        JobConfig config = config("--videos-topic", "missing", "--max-payload-bytes", "2 MiB");

        assertThatThrownBy(() -> KafkaCheck.require(config, new Configuration()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("topic missing does not exist at " + broker.bootstrapServers()
                        + "; create it with ./zoetrope topics apply --bootstrap-servers " + broker.bootstrapServers())
                .hasMessageContaining("topic " + topics.failures + ": its max.message.bytes is 1048576,"
                        + " max-payload-bytes is 2097152; lower the option or raise the topic's limit");
    }

    @Test
    void timesThatASenderChoosesAreRefusedWhereTheyWouldChooseTheVersionOfAModel() {
        JobConfig config = config("--rollouts-topic", topics.failures);

        for (String topic : List.of(topics.prompts, topics.failures)) {
            assertThatThrownBy(() -> KafkaCheck.require(config, new Configuration()))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("topic " + topic + ": its message.timestamp.type is CreateTime, but with"
                            + " rollouts-topic the time of a prompt chooses the version that answers it");
        }
        assertThatThrownBy(() -> KafkaCheck.require(config("--rollouts-topic", "missing"), new Configuration()))
                .hasMessageContaining("topic missing does not exist");
    }

    @Test
    void transactionsThatKafkaWouldAbortAreReportedBeforeTheJobStarts() {
        assertThatThrownBy(() -> KafkaCheck.require(config("--checkpoint-interval", "12 min"), new Configuration()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("transaction-timeout is 900.0 s, but an answer can wait for 1320.0 s until it is"
                        + " committed (checkpoint-interval 720.0 s, Flink's checkpoint timeout 600.0 s)");
        assertThatThrownBy(() -> KafkaCheck.require(config("--transaction-timeout", "20 min"), new Configuration()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(
                        "transaction-timeout is 1200.0 s, the brokers' transaction.max.timeout.ms is 900.0 s");
    }

    @Test
    void anInvalidBootstrapServerIsReported() {
        JobConfig config = config("--bootstrap-servers", "nobody");

        assertThatThrownBy(() -> KafkaCheck.require(config, new Configuration()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("bootstrap-servers nobody: ");
    }

    private static JobConfig config(String... options) {
        return JobConfig.read(
                List.of(new Setting("bundle", "none", "the test")), Optional.empty(), topics.options(options));
    }
}
