package io.zoetrope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.client.KafkaSettings;
import io.zoetrope.kafka.EmbeddedBroker;
import io.zoetrope.prompt.RequestBuilder;
import io.zoetrope.wire.RecordCodec;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditCommandIT {
    private final StringWriter out = new StringWriter();

    @Test
    void promptsWithoutAnAnswerAreNamed(@TempDir Path folder) throws Exception {
        try (EmbeddedBroker broker = LocalBroker.start(folder, EmbeddedBroker.ANY_PORT)) {
            String servers = broker.bootstrapServers();
            try (PromptPublisher prompts = new PromptPublisher(KafkaSettings.of(servers), "zoetrope.prompts");
                    var answers = new KafkaProducer<>(
                            Map.<String, Object>of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, servers),
                            new ByteArraySerializer(),
                            new ByteArraySerializer())) {
                prompts.publish(new RequestBuilder("answered", "a red circle").build());
                prompts.publish(new RequestBuilder("lost", "a red circle").build());
                byte[] segment = RecordCodec.VIDEO_SEGMENT.encode(Segments.segment("answered", 0, true, "initone"));
                answers.send(new ProducerRecord<>("zoetrope.videos", segment)).get();

                assertThat(audit(servers)).isEqualTo(Zoetrope.SOME_FAILED);
                assertThat(out.toString())
                        .containsPattern("unanswered  lost  zoetrope.prompts-\\d@0")
                        .contains("2 prompts: 1 without an answer, 0 answered more than once");

                byte[] failure = RecordCodec.FAILED_PROMPT.encode(Segments.failed("lost", "too long"));
                answers.send(new ProducerRecord<>("zoetrope.failures", failure)).get();

                assertThat(audit(servers)).isEqualTo(Zoetrope.OK);
            }
        }
    }

    private int audit(String servers) {
        return Zoetrope.commandLine()
                .setOut(new PrintWriter(out, true))
                .execute("audit", "--bootstrap-servers", servers);
    }
}
