package io.zoetrope.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.encode.VideoEncoder;
import io.zoetrope.hosting.Placement;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** An engine for each test. Whatever happened in it: nothing is in flight then, no buffer is held, nothing stays open. */
final class StartedEngine implements AfterEachCallback {
    final EngineFixture fixture = new EngineFixture();

    private @Nullable VideoEngine engine;

    VideoEngine start() throws Exception {
        return start(EngineFixture::segment);
    }

    VideoEngine start(VideoEncoder encoder) throws Exception {
        return start(EngineFixture.ON_CPU, 16, encoder);
    }

    VideoEngine start(Placement placement, int inFlight, VideoEncoder encoder) throws Exception {
        VideoEngine started = fixture.open(placement, inFlight, encoder);
        engine = started;
        return started;
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (engine != null) {
            engine.close();
            assertThat(engine.gauges().inFlight()).isZero();
        }
        assertThat(fixture.model.outstanding()).isZero();
        assertThat(fixture.lanes.size()).isZero();
        assertThat(fixture.model.closed).containsAll(fixture.model.opened).contains("tokenizer");
    }
}
