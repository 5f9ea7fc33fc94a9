package io.zoetrope.cli;

import io.zoetrope.client.KafkaSettings;
import io.zoetrope.prompt.PromptRequest;
import io.zoetrope.schema.FailedPrompt;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;

/** One replay: publishes the prompts, unless it is a dry run, prints a line for each, and counts them. */
final class ReplayRun implements AutoCloseable {
    /** Publishes the prompts; null in a dry run. */
    private final @Nullable ReplayPublisher publisher;

    private final PrintWriter out;
    private int replayed;
    private int refused;

    private ReplayRun(@Nullable ReplayPublisher publisher, PrintWriter out) {
        this.publisher = publisher;
        this.out = out;
    }

    /**
     * Starts a replay.
     *
     * @throws UsageException if Kafka does not respond
     */
    static ReplayRun of(KafkaSettings kafka, String topic, int rate, boolean dryRun, PrintWriter out) {
        ReplayPublisher publisher =
                dryRun ? null : new ReplayPublisher(kafka, topic, rate, time -> Thread.sleep(time.toMillis()));
        return new ReplayRun(publisher, out);
    }

    /** Publishes the prompt of a failure, or prints why it cannot be repeated. */
    void add(FailedPrompt failure, Replay replay) {
        PromptRequest request = replay.request();
        if (request == null) {
            refused++;
            out.println(ConsoleText.line(DlqCommand.request(failure) + "  not replayed: " + replay.reason()));
            return;
        }
        publish(request);
        replayed++;
        out.println(ConsoleText.line(
                DlqCommand.request(failure) + "  " + failure.getCode() + " -> " + request.requestId()));
    }

    private void publish(PromptRequest request) {
        try {
            if (publisher != null) {
                publisher.publish(request);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UsageException("the replay was interrupted; repeat it", e);
        }
    }

    /** Commits the last prompts, and prints the sum. Returns whether all failures were replayed. */
    boolean end() {
        if (publisher != null) {
            publisher.commit();
        }
        out.println(
                replayed + (publisher == null ? " would be replayed, " : " replayed, ") + refused + " not replayed");
        return refused == 0;
    }

    @Override
    public void close() {
        if (publisher != null) {
            publisher.close();
        }
    }
}
