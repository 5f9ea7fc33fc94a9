package io.zoetrope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.Test;

class JobEndReasonTest {
    @Test
    void theInnermostCauseIsTheReason() {
        assertThat(reason(new RuntimeException("outer", new IllegalStateException("the fact; the remedy"))))
                .isEqualTo("java.lang.IllegalStateException: the fact; the remedy");
        assertThat(reason(new IllegalStateException("alone"))).isEqualTo("java.lang.IllegalStateException: alone");
    }

    @Test
    void aFaultOfKafkaNamesItsTopic() {
        Throwable fault = new UnknownTopicOrPartitionException("This server does not host this topic-partition.");
        Throwable thrown = new RuntimeException(
                "outer", new RuntimeException("no metadata for topic videos", new ExecutionException(fault)));

        assertThat(reason(thrown))
                .isEqualTo("org.apache.kafka.common.errors.UnknownTopicOrPartitionException: This server does not"
                        + " host this topic-partition. (java.lang.RuntimeException: no metadata for topic videos)");
    }

    @Test
    void theEndOfTheClusterIsAReason() throws Exception {
        assertThat(JobEndReason.await(CompletableFuture.failedFuture(new IllegalStateException("Flink has ended"))))
                .hasValue("java.lang.IllegalStateException: Flink has ended");
    }

    private static String reason(Throwable thrown) {
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text));
        return JobEndReason.of(text.toString());
    }
}
