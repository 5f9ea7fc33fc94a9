package io.zoetrope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.apache.logging.log4j.core.LoggerContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the log configuration of the command line. */
class LogFileTest {
    private static final String REPEATED = "the topic zoetrope.videos does not exist, trying again";

    @TempDir
    private Path folder;

    @Test
    void whatAKafkaClientRepeatsDoesNotFillTheLog() throws Exception {
        assertThat(linesOf("org.apache.kafka.clients.NetworkClient")).isBetween(100L, 1000L);
    }

    @Test
    void theBurstOfALoggerWithoutALimitIsSeenByThisTest() throws Exception {
        assertThat(linesOf("io.zoetrope.planted")).isEqualTo(100_000L);
    }

    private long linesOf(String logger) throws Exception {
        Path file = folder.resolve("zoetrope.log");
        String before = System.setProperty("zoetrope.log", file.toString());
        URI configuration = Objects.requireNonNull(LogFileTest.class.getResource("/zoetrope-log4j2.properties"))
                .toURI();
        try (LoggerContext context = new LoggerContext("test", null, configuration)) {
            context.start();
            for (int i = 0; i < 100_000; i++) {
                context.getLogger(logger).warn(REPEATED);
            }
        } finally {
            if (before == null) {
                System.clearProperty("zoetrope.log");
            } else {
                System.setProperty("zoetrope.log", before);
            }
        }
        try (var lines = Files.lines(file)) {
            return lines.count();
        }
    }
}
