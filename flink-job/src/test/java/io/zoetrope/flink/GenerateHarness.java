package io.zoetrope.flink;

import io.zoetrope.engine.EngineFactory;
import io.zoetrope.engine.EngineSet;
import io.zoetrope.schema.FailedPrompt;
import io.zoetrope.schema.VideoSegment;
import io.zoetrope.wire.RecordCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.operators.async.AsyncWaitOperatorFactory;
import org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailbox;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;

/** A subtask of {@link Generate} under test, and the answers that it emitted. */
final class GenerateHarness extends OneInputStreamOperatorTestHarness<KafkaEvent, KafkaAnswer> {
    static final Duration TIMEOUT = Duration.ofMinutes(10);
    static final int MAX_PAYLOAD = 8192;

    GenerateHarness(EngineFactory engines) throws Exception {
        this(engines, ClaimCheck.NONE);
    }

    GenerateHarness(EngineFactory engines, ClaimCheck claims) throws Exception {
        super(operator(engines, RolloutsTopic.NONE, claims), events());
    }

    GenerateHarness(EngineFactory engines, RolloutsTopic rollouts) throws Exception {
        super(operator(engines, rollouts, ClaimCheck.NONE), events());
    }

    GenerateHarness(EngineFactory engines, RecordedMetrics metrics) throws Exception {
        super(operator(engines, RolloutsTopic.NONE, ClaimCheck.NONE), events(), metrics.environment());
    }

    private static AsyncWaitOperatorFactory<KafkaEvent, KafkaAnswer> operator(
            EngineFactory engines, RolloutsTopic rollouts, ClaimCheck claims) {
        return new AsyncWaitOperatorFactory<>(
                new Generate(
                        EngineSet.of(engines),
                        rollouts,
                        Events.LIMITS,
                        TIMEOUT,
                        claims,
                        AnswerFormat.upTo(MAX_PAYLOAD)),
                TIMEOUT.toMillis(),
                16,
                AsyncDataStream.OutputMode.UNORDERED);
    }

    /** Returns the job's serializer of events. */
    static TypeSerializer<KafkaEvent> events() {
        return TypeInformation.of(KafkaEvent.class).createSerializer(new ExecutionConfig().getSerializerConfig());
    }

    void process(KafkaEvent... events) throws Exception {
        for (KafkaEvent event : events) {
            processElement(event, 0);
        }
    }

    /** Runs the completions that wait in the task's mailbox, and returns all answers so far. */
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
        return decoded(KafkaAnswer.Kind.VIDEO, RecordCodec.VIDEO_SEGMENT);
    }

    List<FailedPrompt> failures() throws Exception {
        return decoded(KafkaAnswer.Kind.FAILURE, RecordCodec.FAILED_PROMPT);
    }

    private <T extends SpecificRecord> List<T> decoded(KafkaAnswer.Kind kind, RecordCodec<T> codec) throws Exception {
        List<T> records = new ArrayList<>();
        for (KafkaAnswer answer : answers()) {
            if (answer.kind() == kind) {
                records.add(codec.decode(answer.value()));
            }
        }
        return records;
    }
}
