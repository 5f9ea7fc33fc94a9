package io.zoetrope.bench.peer;

import io.zoetrope.bench.device.BundleStages;
import io.zoetrope.bundle.FrameSize;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.bundle.VideoSpec;
import io.zoetrope.decode.Frames;
import io.zoetrope.djl.DjlTokenizer;
import io.zoetrope.encode.Codec;
import io.zoetrope.encode.FrameRate;
import io.zoetrope.encode.Segment;
import io.zoetrope.encode.SegmentPosition;
import io.zoetrope.ffmpeg.FfmpegVideoEncoder;
import io.zoetrope.flink.KafkaAnswer;
import io.zoetrope.flink.KafkaEvent;
import io.zoetrope.prompt.Prompt;
import io.zoetrope.prompt.PromptRequest;
import io.zoetrope.prompt.RequestId;
import io.zoetrope.prompt.VideoShape;
import io.zoetrope.publish.Timings;
import io.zoetrope.publish.Video;
import io.zoetrope.wire.OutcomeCodec;
import io.zoetrope.wire.PromptCodec;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A bundle without a lane and without batches. It answers a prompt's event with its video's record on the calling
 * thread.
 */
final class PlainModel implements AutoCloseable {
    private static final long MAX_IDLE_BYTES = 16 << 20;

    private final ModelBundle bundle;
    private final DjlTokenizer tokenizer;
    private final BundleStages stages;
    private final FfmpegVideoEncoder encoder = new FfmpegVideoEncoder(Codec.VP9, 1);
    private final FrameRate rate;
    private final VideoShape shape;

    PlainModel(String folder, int threads) {
        bundle = ModelBundle.open(Path.of(folder));
        tokenizer = DjlTokenizer.open(bundle);
        stages = new BundleStages(bundle, threads, MAX_IDLE_BYTES);
        VideoSpec video = bundle.manifest().video();
        FrameSize size = video.sizes().get(0);
        shape = new VideoShape(size.width(), size.height(), video.frameCounts().get(0));
        rate = new FrameRate(video.frameRateNum(), video.frameRateDen());
    }

    /** Returns the record of an event's video. Safe for use by many threads at once. */
    KafkaAnswer answer(KafkaEvent event) {
        PromptRequest request = PromptCodec.decode(Objects.requireNonNull(event.value()));
        Prompt prompt = new Prompt(
                new RequestId(request.requestId()),
                request.text(),
                request.seed().orElse(0L),
                1,
                shape,
                Optional.empty(),
                Optional.empty(),
                request.labels(),
                request.createdAt());
        Duration none = Duration.ZERO;
        Video video = new Video(
                prompt,
                List.of(encode(prompt)),
                bundle.manifest().name(),
                bundle.digest(),
                stages.samplerName(),
                new Timings(none, none, none, none, none),
                1,
                Instant.now());
        return new KafkaAnswer(
                KafkaAnswer.Kind.VIDEO,
                event.key(),
                OutcomeCodec.encode(video, video.segments().get(0)),
                List.of());
    }

    private Segment encode(Prompt prompt) {
        List<Frames> frames = stages.run(List.of(tokenizer.tokenize(prompt.text())), new long[] {prompt.seed()});
        try (Frames only = frames.get(0)) {
            return encoder.encode(only, rate, SegmentPosition.WHOLE);
        }
    }

    @Override
    public void close() {
        stages.close();
        tokenizer.close();
    }
}
