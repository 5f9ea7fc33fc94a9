package io.zoetrope.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.encode.VideoEncoder;
import io.zoetrope.hosting.Placement;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Starts an engine per test. Closes it afterwards and checks that no request, buffer, stage or lane is left. */
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
