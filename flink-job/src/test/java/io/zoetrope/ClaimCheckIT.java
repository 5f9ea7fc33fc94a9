package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.zoetrope.flink.PayloadFolder;
import io.zoetrope.schema.VideoSegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the delivery of payloads that are too large for their records, with a real broker and a real cluster. */
class ClaimCheckIT extends JobFixture {
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    @Test
    void everyRequestIsAnsweredOnceAndItsPayloadIsThereAlsoAfterATaskFails(@TempDir Path folder) throws Exception {
        job.start("--payload-folder", folder.toString());
        for (int i = 0; i < 40; i++) {
            publish("request-" + i, i == 20 ? StubEngines.BREAK_ONCE : i % 4 == 0 ? StubEngines.LARGE : "a circle");
        }

        topics.awaitAnswers(40, TIMEOUT);

        assertThat(audit.faults(topics.segments(), topics.failures())).isEmpty();
        assertThat(topics.failures()).isEmpty();
        PayloadFolder payloads = PayloadFolder.of(folder.toString());
        for (VideoSegment segment : topics.segments()) {
            String uri = segment.getPayloadUri();
            if (segment.getPayload() != null) {
                assertThat(uri).isNull();
            } else {
                assertThat(payloads.read(uri, segment.getPayloadSha256(), segment.getPayloadSize()))
                        .isEqualTo(StubEngines.payload(segment.getSeed(), StubEngines.LARGE_BYTES));
            }
        }
        assertThat(topics.segments())
                .filteredOn(segment -> segment.getPayload() == null)
                .hasSize(9);
    }

    @Test
    void aStoreThatIsDownFailsTheJobWithTheReasonAndLosesNothing(@TempDir Path parent) throws Exception {
        Path folder = Files.createFile(parent.resolve("a file in place of the folder"));
        job.start("--payload-folder", folder.toString());
        publish("request-0", StubEngines.LARGE);
        await().atMost(TIMEOUT)
                .until(() -> servers.flink().failure(job.running()).isPresent());
        assertThat(servers.flink().failure(job.running()).orElseThrow().error().getExceptionAsString())
                .contains("a probe in file:" + folder + " could not be written")
                .contains("check that the store of payload-folder answers");

        Files.delete(folder);
        topics.awaitAnswers(1, TIMEOUT);

        assertThat(audit.faults(topics.segments(), topics.failures())).isEmpty();
        assertThat(folder).isNotEmptyDirectory();
    }

    private void publish(String requestId, String text) throws Exception {
        audit.expect(requestId);
        topics.publish(requestId, text);
    }
}
