package io.zoetrope.flink;

import io.zoetrope.registry.RegistryAccess;
import io.zoetrope.registry.SchemaIds;
import io.zoetrope.registry.SchemaIds.Meaning;
import io.zoetrope.wire.RecordCodec;
import io.zoetrope.wire.RegistryFraming;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.functions.async.ResultFuture;
import org.apache.flink.streaming.api.functions.async.RichAsyncFunction;
import org.jspecify.annotations.Nullable;

/**
 * Converts prompts in the framing of a schema registry to single-object encoding, and forwards all other events. While
 * the registry says what an id means, the events behind it go on; so events of one request may change their order, which
 * {@link OncePerRequest} accepts.
 */
public final class Unframe extends RichAsyncFunction<KafkaEvent, KafkaEvent> {
    private static final long serialVersionUID = 1L;
    /** The largest number of events of a slot that wait for the registry; it is also the bound of its connections. */
    private static final int WAITING = 64;
    /** Above every wait of {@link SchemaIds}. */
    private static final long TIMEOUT_MINUTES = 5;

    private final RegistryAccess registry;
    private transient SchemaIds ids;

    @SuppressWarnings("NullAway.Init") // Flink calls open() before it processes an event
    private Unframe(RegistryAccess registry) {
        this.registry = registry;
    }

    @SuppressWarnings("NullAway.Init")
    Unframe(RegistryAccess registry, SchemaIds ids) {
        this(registry);
        this.ids = ids;
    }

    /** Adds the operator to a stream of events. */
    public static SingleOutputStreamOperator<KafkaEvent> of(DataStream<KafkaEvent> events, RegistryAccess registry) {
        return AsyncDataStream.unorderedWait(events, new Unframe(registry), TIMEOUT_MINUTES, TimeUnit.MINUTES, WAITING);
    }

    @Override
    public void open(OpenContext context) {
        ids = SchemaIds.of(registry, RecordCodec.PROMPT_EVENT);
    }

    @Override
    public void asyncInvoke(KafkaEvent event, ResultFuture<KafkaEvent> result) {
        byte[] value = event.value();
        if (value == null || !RegistryFraming.matches(value)) {
            result.complete(List.of(event));
            return;
        }
        var unused = ids.find(RegistryFraming.schemaId(value))
                .whenComplete((meaning, fault) -> result.complete(List.of(resolved(event, meaning, fault))));
    }

    /** Above every wait of {@link SchemaIds}, so a fault of the lookup: the prompt fails, and the job goes on. */
    @Override
    public void timeout(KafkaEvent event, ResultFuture<KafkaEvent> result) {
        result.complete(List.of(resolved(event, null, null)));
    }

    private static KafkaEvent resolved(KafkaEvent event, @Nullable Meaning meaning, @Nullable Throwable fault) {
        if (meaning == null) {
            return event.unresolved("which schema wrote the event is not known: "
                    + (fault == null ? "no answer" : fault.getMessage())
                    + "; send the prompt again later with a new request_id");
        }
        byte[] header = meaning.header();
        return header == null ? event.refused(String.valueOf(meaning.refusal())) : event.unframed(header);
    }
}
