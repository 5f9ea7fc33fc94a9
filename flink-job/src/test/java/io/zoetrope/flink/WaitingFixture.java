package io.zoetrope.flink;

import io.zoetrope.engine.EngineRegistry;
import io.zoetrope.engine.EngineSet;
import io.zoetrope.prompt.RequestBuilder;
import io.zoetrope.prompt.RequestId;
import io.zoetrope.wire.PromptCodec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.AfterEach;

/** Slots of the operator under test, the prompts that they read, and the engines that answer them. */
class WaitingFixture {
    private final List<WaitingHarness> opened = new ArrayList<>();
    private long offset;

    @AfterEach
    void closeAll() throws Exception {
        for (WaitingHarness one : opened) {
            one.close();
        }
        EngineRegistry.closeIdle();
    }

    /** Opens a slot, from the state of another one if it is given. */
    WaitingHarness open(EngineSet engines, WaitingLimits limits, OperatorSubtaskState... state) throws Exception {
        return open(new WaitingHarness(engines, limits), state);
    }

    WaitingHarness open(WaitingHarness slot, OperatorSubtaskState... state) throws Exception {
        opened.add(slot);
        for (OperatorSubtaskState one : state) {
            slot.initializeState(one);
        }
        slot.open();
        return slot;
    }

    void close(WaitingHarness slot) throws Exception {
        opened.remove(slot);
        slot.close();
    }

    /** Returns the event of a request, at the next offset. */
    KafkaEvent event(RequestBuilder request, String requestId) {
        return new KafkaEvent(
                "zoetrope.prompts",
                3,
                offset++,
                Events.key(requestId),
                PromptCodec.encode(request.build()),
                List.of(),
                requestId);
    }

    /** Returns the event of a request that was sent at a time, at the next offset. */
    KafkaEvent event(RequestBuilder request, String requestId, Instant sent) {
        KafkaEvent event = event(request, requestId);
        return new KafkaEvent(
                event.topic(),
                event.partition(),
                event.offset(),
                event.key(),
                event.value(),
                event.trace(),
                requestId,
                null,
                sent.toEpochMilli(),
                null);
    }

    /** Answers requests with videos, one after the other, and lets the slot take each answer. */
    static void answer(WaitingHarness slot, FakeEngine.Factory model, String... requestIds) throws Exception {
        for (String requestId : requestIds) {
            engine(model)
                    .answerOf(requestId)
                    .complete(FakeEngine.video(requestId, model.limits().model(), 1, 100));
            slot.answers();
        }
    }

    /** Returns the requests that the newest engine of a model has received. */
    static List<String> sent(FakeEngine.Factory model) {
        return engine(model).waiting.keySet().stream().map(RequestId::value).toList();
    }

    static FakeEngine engine(FakeEngine.Factory model) {
        return model.opened().get(model.opened().size() - 1);
    }
}
