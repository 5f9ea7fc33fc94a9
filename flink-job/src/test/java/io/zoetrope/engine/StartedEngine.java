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
    private Placement placement = EngineFixture.ON_CPU;

    VideoEngine start() throws Exception {
        return start(EngineFixture::segment);
    }

    VideoEngine start(VideoEncoder encoder) throws Exception {
        return start(EngineFixture.ON_CPU, 16, encoder);
    }

    VideoEngine start(Placement where, int inFlight, VideoEncoder encoder) throws Exception {
        placement = where;
        VideoEngine started = fixture.open(where, inFlight, encoder);
        engine = started;
        return started;
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        if (engine != null) {
            engine.close();
            assertThat(engine.gauges().inFlight()).isZero();
        }
        assertThat(fixture.model.outstanding()).isZero();
        assertThat(fixture.model.closed).containsAll(fixture.model.opened).contains("tokenizer");
        fixture.assertNoLaneIsHeld(placement);
    }
}
