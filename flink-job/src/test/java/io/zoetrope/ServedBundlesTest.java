package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.zoetrope.bundle.BundleFolder;
import io.zoetrope.config.ConfigException;
import io.zoetrope.config.JobConfig;
import io.zoetrope.engine.EngineFactory;
import io.zoetrope.engine.EngineSet;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the bundles of a job. */
class ServedBundlesTest {
    private static final Path TOYBOX = Path.of("../onnx-export/bundles/toybox-64");
    private static final Path WAN = Path.of("src/test/resources/published/wan21-t2v");

    @Test
    void theFirstBundleIsTheDefaultAndEachHasItsOwnLimitsAndEngine() {
        EngineSet engines = served(WAN, TOYBOX);

        assertThat(engines.models()).containsExactly("wan21-t2v", "toybox-64");
        assertThat(engines.engines()).extracting(EngineFactory::id).doesNotHaveDuplicates();
        assertThat(engines.engines().get(0).limits().steps()).containsExactly(3);
        assertThat(engines.engines().get(1).limits().steps()).contains(1, 2);
    }

    @Test
    void modelsShareTheMemoryOfRequestsInFlight() {
        int alone = served(TOYBOX).inFlightPerSlot();

        EngineSet engines = served(List.of("--in-flight-bytes", "8 MiB"), TOYBOX, WAN);

        assertThat(engines.engines())
                .allSatisfy(engine -> assertThat(engine.inFlightPerSlot()).isBetween(1, alone - 1));
    }

    @Test
    void theSameBundleTwiceIsRefusedWithBothFolders(@TempDir Path folder) {
        Path copy = BundleFolder.copy(folder).path();

        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> served(BundleFolder.original(), TOYBOX, copy))
                .withMessageContaining(BundleFolder.original() + " and " + copy + " are the same version, tiny@")
                .withMessageEndingWith("; serve one of them");
    }

    private static EngineSet served(Path... bundles) {
        return served(List.of(), bundles);
    }

    private static EngineSet served(List<String> options, Path... bundles) {
        Stream<String> all = Stream.of(bundles).flatMap(bundle -> Stream.of("--bundle", bundle.toString()));
        Stream<String> rest = Stream.concat(Stream.of("--bootstrap-servers", "127.0.0.1:1"), options.stream());
        return ServedBundles.of(
                JobConfig.read(
                        List.of(), Optional.empty(), Stream.concat(all, rest).toList()),
                0);
    }
}
