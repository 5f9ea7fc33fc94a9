package io.zoetrope.prompt;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SeedTest {
    /** The expected seeds were computed with Python's hashlib: other languages can derive the same seed from an id. */
    @ParameterizedTest
    @CsvSource({"a,-6028319245085995532", "5f0c8a9e,5983165705902224708", "願い,-8300177293693615148"})
    void seedIsTheFirstEightBytesOfTheIdsDigest(String id, long seed) {
        assertThat(Seed.derive(new RequestId(id))).isEqualTo(seed);
    }
}
