package io.zoetrope.flink;

import io.zoetrope.engine.EngineSet;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.fair.Waiting;
import io.zoetrope.prompt.PromptRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.operators.async.AsyncWaitOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.retryable.AsyncRetryStrategies;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Flink's asynchronous operator, with a waiting room in front of it. The operator reads prompts also if the engine is
 * busy, and keeps them in its {@link WaitingRoom}; the {@link ModelQueues} decide which one starts when another is
 * answered. So a burst does not wait in Flink's network buffers, where it would delay checkpoints and where a prompt of
 * another tenant could not pass it.
 *
 * <pre>
 *              +--------------------- this operator ---------------------+
 *   prompt --->|  waiting room  --- its turn --->  in flight, Generate   |---> answer
 *              |  keyed state                      Flink's own state     |
 *              +---------------------------------------------------------+
 * </pre>
 *
 * <p>If the room is full, the operator stops reading, and backpressure stops the source.
 *
 * <p>It extends a class that Flink does not declare public, because Flink's state of the requests in flight has to stay
 * readable, and because the operator has to know when one of them is answered.
 */
public final class GenerateOperator extends AsyncWaitOperator<KafkaEvent, KafkaAnswer> implements Requests {
    private static final long serialVersionUID = 1L;

    private static final Logger LOG = LoggerFactory.getLogger(GenerateOperator.class);

    private static final String WAITING_DEVICE_SECONDS = "waitingDeviceSeconds";

    private final Generate generate;
    private final WaitingLimits limits;
    private final transient MailboxExecutor mailbox;
    private transient ModelQueues queues;
    private transient WaitingRoom room;
    private transient @Nullable ScheduledFuture<?> timer;
    private transient long timerAt;
    /** True while the operator starts requests, or must not start any. */
    private transient boolean starting;

    private transient boolean startRequested;
    /** The request that is read now, so that it is decoded once if it does not have to wait. */
    private transient @Nullable PromptRequest decoded;
    /** The position of the event that {@code decoded} is the request of; ids repeat once their retention has passed. */
    private transient @Nullable String decodedPosition;

    // Flink calls open() before it processes an event, and its strategy of no retries has no type parameter.
    @SuppressWarnings({"NullAway.Init", "unchecked"})
    GenerateOperator(
            StreamOperatorParameters<KafkaAnswer> parameters,
            Generate generate,
            Duration timeout,
            WaitingLimits limits) {
        super(
                parameters,
                generate,
                timeout.toMillis(),
                generate.engines().inFlightPerSlot(),
                AsyncDataStream.OutputMode.UNORDERED,
                AsyncRetryStrategies.NO_RETRY_STRATEGY,
                parameters.getProcessingTimeService(),
                parameters.getMailboxExecutor());
        this.generate = generate;
        this.limits = limits;
        this.mailbox = parameters.getMailboxExecutor();
    }

    @Override
    public void open() throws Exception {
        queues = new ModelQueues(generate.engines(), limits.rules(), generate::usefulInFlight);
        room = new WaitingRoom(limits, queues, getRuntimeContext(), this::setCurrentKey);
        room.restore(getKeyedStateBackend(), this::queueOf);
        generate.report(this, Suspects.folder(getContainingTask().getEnvironment()));
        starting = true;
        super.open(); // sends the restored requests in flight to the engine again, through processElement
        starting = false;
        MetricGroup group = JobMetrics.of(getRuntimeContext());
        group.gauge("waiting", (Gauge<Integer>) queues::size);
        group.gauge("waitingBytes", (Gauge<Long>) room::bytes);
        group.gauge("tenants", (Gauge<Integer>) queues::tenants);
        group.gauge(WAITING_DEVICE_SECONDS, (Gauge<Double>)
                () -> queues.sum((model, queue) -> queue.work() * generate.secondsPerRequest(model)));
        if (generate.engines().isSeveral()) {
            queues.forEach((model, queue) -> {
                MetricGroup ofModel = JobMetrics.of(group, model);
                ofModel.gauge("waiting", (Gauge<Integer>) queue::size);
                ofModel.gauge(
                        WAITING_DEVICE_SECONDS, (Gauge<Double>) () -> queue.work() * generate.secondsPerRequest(model));
            });
        }
        startNext();
    }

    @Override
    public void processElement(StreamRecord<KafkaEvent> record) throws Exception {
        KafkaEvent event = record.getValue();
        if (starting) {
            super.processElement(record);
        } else if (event.isTombstone()) {
            cancel(event);
        } else {
            read(record);
        }
    }

    private void read(StreamRecord<KafkaEvent> record) throws Exception {
        KafkaEvent event = record.getValue();
        EngineSet.Served model;
        try {
            decoded = generate.decode(event);
            decodedPosition = event.position();
            model = generate.routing().chosenBy(event, decoded);
        } catch (RequestException e) {
            decoded = null;
            fail(record, e);
            return;
        }
        WaitingPrompt prompt = waiting(event, decoded, model, record.hasTimestamp() ? record.getTimestamp() : null);
        generate.countDemand(model, prompt.work());
        enter(prompt, queues.of(model), record);
        decoded = null;
    }

    private void enter(WaitingPrompt prompt, ModelQueue queue, StreamRecord<KafkaEvent> record) throws Exception {
        if (!queue.hasToWait(prompt.tenant())) {
            super.processElement(record);
            return;
        }
        long waiting = queues.waitingOf(prompt.tenant());
        if (waiting >= limits.queueLimit(prompt.tenant())) {
            fail(record, tooManyWait(prompt.tenant(), waiting));
            return;
        }
        while (room.isFull()) {
            mailbox.yield();
        }
        room.put(prompt, queue);
        startNext();
    }

    /** Returns the queue of a restored prompt. One whose model is not served any more fails when its turn comes. */
    private ModelQueue queueOf(KafkaEvent event) {
        try {
            return queues.of(generate.routing().chosenBy(event, generate.decode(event)));
        } catch (RequestException e) {
            return queues.first();
        }
    }

    private WaitingPrompt waiting(
            KafkaEvent event, PromptRequest request, EngineSet.Served model, @Nullable Long recordMillis) {
        return WaitingPrompt.of(event, request, limits.tenant(), model.limits().work(request), now(), recordMillis);
    }

    private RequestException tooManyWait(String tenant, long waiting) {
        return new RequestException(
                FailureCode.QUOTA_EXCEEDED,
                "admit",
                "tenant \"" + tenant + "\": " + waiting + " prompts wait in this slot, the limit is "
                        + limits.queueLimit(tenant)
                        + "; send the prompt again later with a new request_id, or raise tenant-queue-limits");
    }

    private void cancel(KafkaEvent tombstone) throws Exception {
        for (WaitingPrompt prompt : room.takeAll(tombstone.requestId())) {
            fail(prompt.record(), Diagnosis.of(new CancellationException()));
        }
        generate.cancel(tombstone);
    }

    private void expire() throws Exception {
        for (Waiting request : queues.takeExpired(now())) {
            fail(
                    room.take(request).record(),
                    Diagnosis.of(new TimeoutException("the request's deadline passed before its turn, at " + now())));
        }
    }

    private void fail(StreamRecord<KafkaEvent> record, RequestException fault) {
        output.collect(record.replace(generate.failure(record.getValue(), fault)));
    }

    /** Starts the requests whose turn it is. */
    private void startNext() throws Exception {
        startRequested = false;
        if (starting) {
            return;
        }
        starting = true;
        try {
            expire();
            Optional<Waiting> next = queues.poll(now());
            while (next.isPresent()) {
                super.processElement(room.take(next.get()).record());
                next = queues.poll(now());
            }
        } finally {
            starting = false;
        }
        expireLater();
    }

    /** Sets the timer that ends waiting requests at the earliest of their deadlines. */
    private void expireLater() {
        Optional<Instant> next = queues.nextDeadline();
        if (next.isEmpty()) {
            return;
        }
        long at = next.get().toEpochMilli();
        if (timer != null && !timer.isDone()) {
            if (timerAt <= at) {
                return;
            }
            timer.cancel(false);
        }
        timerAt = at;
        timer = getProcessingTimeService().registerTimer(at, time -> startNext());
    }

    @Override
    public Optional<PromptRequest> decoded(KafkaEvent event) {
        return Optional.ofNullable(decoded)
                .filter(request -> event.position().equals(decodedPosition)
                        && request.requestId().equals(event.requestId()));
    }

    @Override
    public Duration started(KafkaEvent event, PromptRequest request, EngineSet.Served model) {
        return queues.of(model).start(waiting(event, request, model, null), now());
    }

    @Override
    public void answered(KafkaEvent event, Duration deviceTime) {
        queues.end(event, deviceTime);
        if (queues.size() > 0 && !startRequested) {
            startRequested = true;
            try {
                mailbox.execute(this::startNext, "start the next request");
            } catch (RejectedExecutionException e) {
                // The task ends after a savepoint. It still takes answers, but starts none of the waiting prompts.
                LOG.debug("{} prompts wait in the savepoint of the task that ends", queues.size());
            }
        }
    }

    @Override
    public void later(Duration delay, Runnable action) {
        var unused = getProcessingTimeService().registerTimer(now().plus(delay).toEpochMilli(), time -> action.run());
    }

    private Instant now() {
        return Instant.ofEpochMilli(getProcessingTimeService().getCurrentProcessingTime());
    }

    /** Waits until all prompts have started, and then until all are answered. */
    @Override
    public void endInput() throws Exception {
        while (queues.size() > 0) {
            mailbox.yield();
        }
        super.endInput();
    }
}
