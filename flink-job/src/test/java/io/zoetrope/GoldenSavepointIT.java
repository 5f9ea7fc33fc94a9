package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.schema.VideoSegment;
import java.net.URL;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Restores the savepoints of earlier releases, which are test resources. Each was made by {@link GoldenSavepointWriter}
 * in that release, with requests in flight.
 */
class GoldenSavepointIT {
    @ParameterizedTest
    @ValueSource(strings = "0.1.0")
    void aSavepointOfAnEarlierReleaseRestoresAndItsRequestsInFlightAreAnsweredOnce(String release, @TempDir Path folder)
            throws Exception {
        try (GoldenSavepoint golden = new GoldenSavepoint(folder)) {
            TestTopics topics = golden.topics;
            golden.run(Optional.of(savepoint(release)), GoldenSavepoint.NAME);
            topics.awaitAnswers(GoldenSavepoint.HELD, GoldenSavepoint.TIMEOUT);

            topics.publish("answered-0", "a red circle");
            topics.publish("held-0", StubEngines.HOLD);
            topics.publish("next", "a red circle");
            topics.awaitAnswers(GoldenSavepoint.HELD + 1, GoldenSavepoint.TIMEOUT);

            assertThat(topics.failures()).isEmpty();
            assertThat(topics.segments())
                    .extracting(VideoSegment::getRequestId)
                    .containsExactlyInAnyOrder("held-0", "held-1", "held-2", "held-3", "held-4", "next");
        }
    }

    private static String savepoint(String release) throws Exception {
        URL folder = GoldenSavepointIT.class.getResource("/golden-savepoints/" + release);
        return Path.of(Objects.requireNonNull(folder, release).toURI()).toString();
    }
}
