package io.zoetrope.flink;

import io.zoetrope.engine.EngineFactory;
import io.zoetrope.engine.EngineSet;
import io.zoetrope.fair.FairRules;
import io.zoetrope.fair.PerTenant;
import io.zoetrope.schema.FailedPrompt;
import io.zoetrope.wire.RecordCodec;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailbox;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;

/** A slot of the job's {@code generate} operator under test, with its waiting room. */
final class WaitingHarness extends KeyedOneInputStreamOperatorTestHarness<String, KafkaEvent, KafkaAnswer> {
    static final int MAX_PAYLOAD = 8192;

    WaitingHarness(EngineFactory engines, WaitingLimits limits) throws Exception {
        this(EngineSet.of(engines), limits, 1, 0);
    }

    WaitingHarness(EngineSet engines, WaitingLimits limits) throws Exception {
        this(engines, limits, 1, 0);
    }

    WaitingHarness(EngineSet engines, RolloutsTopic rollouts, WaitingLimits limits) throws Exception {
        this(engines, rollouts, limits, 1, 0);
    }

    /** Creates one of several slots. */
    WaitingHarness(EngineSet engines, WaitingLimits limits, int slots, int slot) throws Exception {
        this(engines, RolloutsTopic.NONE, limits, slots, slot);
    }

    private WaitingHarness(EngineSet engines, RolloutsTopic rollouts, WaitingLimits limits, int slots, int slot)
            throws Exception {
        super(operator(engines, rollouts, limits), new RequestKey(), Types.STRING, 128, slots, slot);
        config.setupNetworkInputs(GenerateHarness.events());
        config.serializeAllConfigs();
    }

    /** Returns a slot that registers its metrics in an environment. */
    static OneInputStreamOperatorTestHarness<KafkaEvent, KafkaAnswer> withMetrics(
            EngineSet engines, RecordedMetrics metrics) throws Exception {
        return withMetrics(engines, RolloutsTopic.NONE, metrics);
    }

    /** Returns a slot that registers its metrics in an environment. */
    static OneInputStreamOperatorTestHarness<KafkaEvent, KafkaAnswer> withMetrics(
            EngineSet engines, RolloutsTopic rollouts, RecordedMetrics metrics) throws Exception {
        return new OneInputStreamOperatorTestHarness<>(
                operator(engines, rollouts, limits(100, "none")), GenerateHarness.events(), metrics.environment()) {
            @Override
            public void open() throws Exception {
                config.setStatePartitioner(0, new RequestKey());
                config.setStateKeySerializer(StringSerializer.INSTANCE);
                config.serializeAllConfigs();
                super.open();
            }
        };
    }

    private static GenerateOperatorFactory operator(EngineSet engines, RolloutsTopic rollouts, WaitingLimits limits) {
        return new GenerateOperatorFactory(
                new Generate(
                        engines,
                        rollouts,
                        Events.LIMITS,
                        GenerateHarness.TIMEOUT,
                        ClaimCheck.NONE,
                        AnswerFormat.upTo(MAX_PAYLOAD)),
                GenerateHarness.TIMEOUT,
                limits);
    }

    /** Returns the limits of one slot. */
    static WaitingLimits limits(int maxPrompts, String queueLimits) {
        PerTenant none = PerTenant.parse(PerTenant.NONE);
        return new WaitingLimits(
                new TenantName("tenant", "x-tenant"),
                new FairRules(none, none, PerTenant.parse(queueLimits)),
                maxPrompts,
                1 << 20,
                1);
    }

    void process(KafkaEvent... events) throws Exception {
        for (KafkaEvent event : events) {
            processElement(event, 0);
        }
    }

    /** Runs the mails that wait in the task's mailbox, and returns all answers so far. */
    List<KafkaAnswer> answers() throws Exception {
        runMails(this);
        return extractOutputValues();
    }

    /** Runs the mails that wait in a task's mailbox. */
    static void runMails(OneInputStreamOperatorTestHarness<KafkaEvent, KafkaAnswer> harness) throws Exception {
        TaskMailbox mailbox = harness.getTaskMailbox();
        for (var mail = mailbox.tryTake(TaskMailbox.MIN_PRIORITY);
                mail.isPresent();
                mail = mailbox.tryTake(TaskMailbox.MIN_PRIORITY)) {
            mail.get().run();
        }
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
