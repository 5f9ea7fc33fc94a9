package io.zoetrope.prompt;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SeedTest {
    /** The expected seeds were computed with Python's hashlib: other languages can derive the same seed from an id. */
    @ParameterizedTest
    @CsvSource({"a,6063683998351345", "5f0c8a9e,2921467629835070", "願い,4954378310554656"})
    void seedIsTheFirst53BitsOfTheIdsDigest(String id, long seed) {
        assertThat(Seed.derive(new RequestId(id))).isEqualTo(seed);
    }
}
