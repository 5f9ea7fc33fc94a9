package io.zoetrope.ffmpeg;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zoetrope.failure.RequestException;
import org.junit.jupiter.api.RepeatedTest;

class FfmpegTest {
    /** Linux's number of the error "Invalid argument". */
    private static final int EINVAL = 22;

    @RepeatedTest(20)
    void anErrorHasTheTextOfFfmpegAndNoMemoryAfterIt() {
        assertThatThrownBy(() -> Ffmpeg.check(-EINVAL, "avformat_write_header"))
                .isInstanceOf(RequestException.class)
                .hasMessage("avformat_write_header: FFmpeg failed with Invalid argument; send the prompt again");
    }
}
