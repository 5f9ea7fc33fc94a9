package io.zoetrope.flink;

import io.zoetrope.fair.Waiting;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.KeyedStateBackend;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;

/**
 * The prompts of one slot that wait for their turn. They are in keyed state, by request id, so they survive restarts and
 * follow their keys when the parallelism changes. The order is that of the {@link ModelQueues} in memory, which are rebuilt from the state.
 */
final class WaitingRoom {
    /** By the position of the record, because two prompts may have one request id after the retention of ids. */
    private static final MapStateDescriptor<String, WaitingPrompt> STATE =
            new MapStateDescriptor<>("waiting", Types.STRING, TypeInformation.of(WaitingPrompt.class));

    private final WaitingLimits limits;
    private final ModelQueues queues;
    private final Consumer<String> setKey;
    private final MapState<String, WaitingPrompt> prompts;
    private long bytes;

    /**
     * Creates a room without prompts.
     *
     * @param setKey sets the key of the state
     */
    WaitingRoom(WaitingLimits limits, ModelQueues queues, RuntimeContext context, Consumer<String> setKey) {
        this.limits = limits;
        this.queues = queues;
        this.setKey = setKey;
        this.prompts = context.getMapState(STATE);
    }

    /**
     * Adds the prompts of the restored state.
     *
     * @param queueOf returns the queue of an event's request. The state does not have the models of the prompts, so
     *     that one without a model is answered by the present default
     */
    void restore(KeyedStateBackend<?> backend, Function<KafkaEvent, ModelQueue> queueOf) throws Exception {
        restoreAll(backend, queueOf);
    }

    private <K> void restoreAll(KeyedStateBackend<K> backend, Function<KafkaEvent, ModelQueue> queueOf)
            throws Exception {
        backend.applyToAllKeys(VoidNamespace.INSTANCE, VoidNamespaceSerializer.INSTANCE, STATE, (key, state) -> {
            for (WaitingPrompt prompt : state.values()) {
                queueOf.apply(prompt.event()).queue().add(prompt.waiting());
                bytes += prompt.bytes();
            }
        });
    }

    /** Returns whether the room accepts no prompt now. An empty room accepts a prompt of any size. */
    boolean isFull() {
        return queues.size() >= limits.maxPrompts() || bytes >= limits.maxBytes();
    }

    long bytes() {
        return bytes;
    }

    void put(WaitingPrompt prompt, ModelQueue queue) throws Exception {
        setKey.accept(prompt.event().requestId());
        prompts.put(prompt.event().position(), prompt);
        queue.queue().add(prompt.waiting());
        bytes += prompt.bytes();
    }

    /** Removes the prompt of a request that the queue has already removed. */
    WaitingPrompt take(Waiting request) throws Exception {
        setKey.accept(request.requestId());
        for (WaitingPrompt prompt : prompts.values()) {
            if (prompt.event().partition() == request.partition()
                    && prompt.event().offset() == request.offset()) {
                remove(prompt);
                return prompt;
            }
        }
        throw new IllegalStateException("request " + request.requestId() + " waits for its turn, but its prompt is not"
                + " in the state; restart the job from its newest checkpoint");
    }

    /** Removes and returns the prompts of a request. */
    List<WaitingPrompt> takeAll(String requestId) throws Exception {
        setKey.accept(requestId);
        List<WaitingPrompt> taken = new ArrayList<>();
        prompts.values().forEach(taken::add);
        for (WaitingPrompt prompt : taken) {
            queues.remove(prompt.waiting());
            remove(prompt);
        }
        return taken;
    }

    private void remove(WaitingPrompt prompt) throws Exception {
        prompts.remove(prompt.event().position());
        bytes -= prompt.bytes();
    }
}
