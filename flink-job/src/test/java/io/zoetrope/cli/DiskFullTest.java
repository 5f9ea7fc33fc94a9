package io.zoetrope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.Test;

class DiskFullTest {
    @Test
    void aFullDiskIsOneSentenceWithTheFoldersTheirSpaceAndTheRemedy() {
        IOException full = new IOException("No space left on device");

        assertThat(DiskFull.explain(new IllegalStateException("outer", new UncheckedIOException(full))))
                .hasValueSatisfying(
                        sentence -> assertThat(sentence)
                                .matches(
                                        "a disk is full \\(.* has \\d+ MiB free.*\\); make space there, or choose another folder"));
        assertThat(JobEndReason.of(
                        "java.lang.RuntimeException: x\nCaused by: java.io.IOException: No space left on device"))
                .startsWith("a disk is full (");
    }

    @Test
    void anotherFaultIsLeftAlone() {
        assertThat(DiskFull.explain(new IOException("Permission denied"))).isEmpty();
        assertThat(DiskFull.explain(new IOException())).isEmpty();
    }
}
