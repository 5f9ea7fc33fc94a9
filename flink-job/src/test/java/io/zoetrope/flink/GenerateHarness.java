package io.zoetrope.flink;

import io.zoetrope.engine.EngineFactory;
import io.zoetrope.schema.FailedPrompt;
import io.zoetrope.schema.VideoSegment;
import io.zoetrope.wire.RecordCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.operators.async.AsyncWaitOperatorFactory;
import org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailbox;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;

/** One subtask of {@link Generate}, and what came out of it. */
final class GenerateHarness extends OneInputStreamOperatorTestHarness<KafkaEvent, KafkaAnswer> {
    static final Duration TIMEOUT = Duration.ofMinutes(10);
    static final int MAX_PAYLOAD = 8192;

    GenerateHarness(EngineFactory engines) throws Exception {
        super(
                new AsyncWaitOperatorFactory<>(
                        new Generate(engines, TIMEOUT, MAX_PAYLOAD),
                        TIMEOUT.toMillis(),
                        16,
                        AsyncDataStream.OutputMode.UNORDERED),
                TypeInformation.of(KafkaEvent.class).createSerializer(new ExecutionConfig().getSerializerConfig()));
    }

    void process(KafkaEvent... events) throws Exception {
        for (KafkaEvent event : events) {
            processElement(event, 0);
        }
    }

    /** What came out so far; completions lie in the mailbox until somebody looks. */
    List<KafkaAnswer> answers() throws Exception {
        TaskMailbox mailbox = getTaskMailbox();
        for (var mail = mailbox.tryTake(TaskMailbox.MIN_PRIORITY);
                mail.isPresent();
                mail = mailbox.tryTake(TaskMailbox.MIN_PRIORITY)) {
            mail.get().run();
        }
        return extractOutputValues();
    }

    List<VideoSegment> segments() throws Exception {
        List<VideoSegment> segments = new ArrayList<>();
        for (KafkaAnswer answer : answers()) {
            if (answer.kind() == KafkaAnswer.Kind.VIDEO) {
                segments.add(RecordCodec.VIDEO_SEGMENT.decode(answer.value()));
            }
        }
        return segments;
    }

    List<FailedPrompt> failures() throws Exception {
        List<FailedPrompt> failures = new ArrayList<>();
        for (KafkaAnswer answer : answers()) {
            if (answer.kind() == KafkaAnswer.Kind.FAILURE) {
                failures.add(RecordCodec.FAILED_PROMPT.decode(answer.value()));
            }
        }
        return failures;
    }
}
