package io.zoetrope.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestKeyTest {

    private static final List<String> KEYS = List.of("batch-max", "bundle", "encoder", "encode-threads");

    @Test
    void aMisspelledKeyFindsTheKeyThatWasMeant() {
        assertThat(NearestKey.to("bacth-max", KEYS)).contains("batch-max");
        assertThat(NearestKey.to("encodr", KEYS)).contains("encoder");
        assertThat(NearestKey.to("encoder-threads", KEYS)).contains("encode-threads");
    }

    @Test
    void aKeyThatResemblesNoOptionFindsNothing() {
        assertThat(NearestKey.to("password", KEYS)).isEmpty();
    }
}
