package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.config.JobConfig;
import io.zoetrope.image.ImageLimits;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LimitDefaultsTest {
    @Test
    void theDefaultLimitsOfImagesAreThoseOfTheOptions() {
        JobConfig config =
                JobConfig.read(List.of(), Optional.empty(), List.of("--bundle", ".", "--bootstrap-servers", "h:1"));

        assertThat(BundleEngines.imageLimits(config)).isEqualTo(ImageLimits.DEFAULT);
    }
}
