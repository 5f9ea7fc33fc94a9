package io.zoetrope.prompt;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SeedTest {
    /** Computed with Python's hashlib, so that other languages can tell a request's seed from its id. */
    @ParameterizedTest
    @CsvSource({"a,-6028319245085995532", "5f0c8a9e,5983165705902224708", "願い,-8300177293693615148"})
    void seedIsTheHeadOfTheIdsDigest(String id, long seed) {
        assertThat(Seed.derive(new RequestId(id))).isEqualTo(seed);
    }
}
