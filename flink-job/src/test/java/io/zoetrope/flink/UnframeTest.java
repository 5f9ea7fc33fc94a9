package io.zoetrope.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.registry.FakeRegistry;
import io.zoetrope.registry.RegistryAccess;
import io.zoetrope.registry.SchemaIds;
import io.zoetrope.wire.PromptCodec;
import io.zoetrope.wire.RecordCodec;
import io.zoetrope.wire.RegistryFraming;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.flink.streaming.api.functions.async.CollectionSupplier;
import org.apache.flink.streaming.api.functions.async.ResultFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class UnframeTest {
    private static final byte[] PLAIN = Events.value("request-1");

    private FakeRegistry registry;
    private Unframe unframe;

    @BeforeEach
    void start() throws Exception {
        registry = new FakeRegistry();
        RegistryAccess access = new RegistryAccess(URI.create(registry.url()), new Properties());
        unframe = new Unframe(access, SchemaIds.of(access, RecordCodec.PROMPT_EVENT));
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    @Test
    void aPromptInRegistryFramingIsReadLikeOneInSingleObjectEncoding() throws Exception {
        byte[] framed = framed(registry.add("any", RecordCodec.PROMPT_EVENT.schemaText()));

        KafkaEvent event = resolved(framed);

        assertThat(event.value()).isEqualTo(PLAIN);
        assertThat(event.admitted().requestId()).isEqualTo("request-1");
        assertThat(PromptCodec.decode(Objects.requireNonNull(event.value())).text())
                .isEqualTo("a red circle");
    }

    @Test
    void itsFailureReturnsTheBytesOfTheTopic() throws Exception {
        byte[] framed = framed(registry.add("any", RecordCodec.PROMPT_EVENT.schemaText()));

        assertThat(resolved(framed).origin().value()).contains(ByteBuffer.wrap(framed));
        assertThat(resolved(framed).admitted().origin().value()).contains(ByteBuffer.wrap(framed));
        assertThat(resolved(framed(99)).origin().value()).contains(ByteBuffer.wrap(framed(99)));
    }

    @Test
    void anUnknownIdIsAnInvalidEvent() throws Exception {
        assertFails(resolved(framed(99)), FailureCode.INVALID_EVENT, "the schema id 99 is not in the registry");
    }

    @Test
    void aSchemaOfAnotherRecordIsAnInvalidEvent() throws Exception {
        int id = registry.add("any", RecordCodec.FAILED_PROMPT.schemaText());

        assertFails(resolved(framed(id)), FailureCode.INVALID_EVENT, "register schemas/prompt_event.avsc");
    }

    @Test
    void aRecordThatDoesNotHaveTheSchemaOfItsIdIsAnInvalidEvent() throws Exception {
        int id = registry.add("any", RecordCodec.PROMPT_EVENT.schemaText());
        KafkaEvent event =
                resolved(ByteBuffer.allocate(9).put((byte) 0).putInt(id).array());

        assertThatThrownBy(event::admitted).isInstanceOf(RequestException.class);
    }

    @Test
    void aRegistryThatDoesNotAnswerMakesAFailureToSendAgain() {
        KafkaEvent event = Events.event(null, framed(5)).unresolved("no answer");

        assertFails(event, FailureCode.REGISTRY_UNAVAILABLE, "no answer");
        assertThat(event.origin().value()).contains(ByteBuffer.wrap(framed(5)));
    }

    @Test
    void otherEventsPassWithoutTheRegistry() throws Exception {
        registry.close();

        for (KafkaEvent event :
                List.of(Events.prompt("a"), Events.tombstone("b"), Events.event(null, new byte[] {0, 0, 0, 1}))) {
            assertThat(resolved(event)).isSameAs(event);
        }
    }

    private static void assertFails(KafkaEvent event, FailureCode code, String message) {
        assertThatThrownBy(event::admitted)
                .isInstanceOfSatisfying(
                        RequestException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(message);
    }

    private static byte[] framed(int id) {
        return RegistryFraming.ofSingleObject(PLAIN, id);
    }

    private KafkaEvent resolved(byte[] value) throws Exception {
        return resolved(Events.event(null, value));
    }

    private KafkaEvent resolved(KafkaEvent event) throws Exception {
        CompletableFuture<KafkaEvent> resolved = new CompletableFuture<>();
        unframe.asyncInvoke(event, new ResultFuture<>() {
            @Override
            public void complete(Collection<KafkaEvent> result) {
                resolved.complete(result.iterator().next());
            }

            @Override
            public void completeExceptionally(Throwable error) {
                resolved.completeExceptionally(error);
            }

            @Override
            public void complete(CollectionSupplier<KafkaEvent> supplier) {
                throw new UnsupportedOperationException();
            }
        });
        return resolved.get(30, TimeUnit.SECONDS);
    }
}
