package io.zoetrope.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderStoreTest {
    private static final Duration LONG = Duration.ofMinutes(10);

    @TempDir
    private Path root;

    @Test
    void aStoreThatIsDownIsFoundAtTheStart() throws Exception {
        Path file = Files.writeString(root.resolve("file"), "not a folder");

        assertThatThrownBy(() -> FolderStore.open(PayloadFolder.of(file.toString()), LONG))
                .isInstanceOf(IllegalStateException.class)
                .hasNoCause() // the console shows the innermost cause only
                .hasMessageContaining("a probe in file:" + file + " could not be written: ")
                .hasMessageContaining("check that the store of payload-folder answers");
    }

    @Test
    void aFileSystemWithoutAPluginIsNamed() {
        assertThatThrownBy(() -> FolderStore.open(PayloadFolder.of("s3://clips"), LONG))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Could not find a file system implementation for scheme 's3'");
    }

    @Test
    void aWriteThatDoesNotEndFailsAfterTheTimeoutAlsoIfItIgnoresInterrupts() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        try (FolderStore store = new FolderStore(PayloadFolder.of(root.toString()), Duration.ofMillis(1))) {
            CompletableFuture<Duration> hung = store.write("a payload", () -> awaitWithoutInterrupts(release));

            assertThat(hung)
                    .failsWithin(Duration.ofSeconds(30))
                    .withThrowableThat()
                    .withMessageContaining("a payload could not be written: it took longer than payload-timeout, 1 ms");
        } finally {
            release.countDown();
        }
    }

    @Test
    void aWriteThatFailsSaysWhy() {
        try (FolderStore store = new FolderStore(PayloadFolder.of(root.toString()), LONG)) {
            CompletableFuture<Duration> failed = store.write("a payload", () -> {
                throw new IOException("503 Slow Down");
            });

            assertThat(failed)
                    .failsWithin(Duration.ofSeconds(30))
                    .withThrowableThat()
                    .withMessageContaining("a payload could not be written: java.io.IOException: 503 Slow Down");
        }
    }

    @Test
    void theEndOfTheTaskInterruptsAWriteAndDoesNotWaitForIt() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        FolderStore store = new FolderStore(PayloadFolder.of(root.toString()), LONG);
        CompletableFuture<Duration> write = store.write("a payload", () -> {
            started.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
                throw new InterruptedIOException();
            }
        });
        assertThat(started.await(30, TimeUnit.SECONDS)).isTrue();

        store.close();

        assertThat(interrupted.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(write).failsWithin(Duration.ofSeconds(30));
    }

    private static void awaitWithoutInterrupts(CountDownLatch release) {
        boolean released = false;
        while (!released) {
            try {
                release.await();
                released = true;
            } catch (InterruptedException e) {
                // as a native call of a network file system
            }
        }
    }
}
