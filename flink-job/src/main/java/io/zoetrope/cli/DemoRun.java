package io.zoetrope.cli;

import io.zoetrope.client.KafkaSettings;
import io.zoetrope.config.DeliveryOptions;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import io.zoetrope.flink.PayloadFolder;
import io.zoetrope.prompt.PromptRequest;
import io.zoetrope.registry.RegistryAccess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.runtime.jobmaster.JobResult;

/** Publishes prompts, and writes the file of each video when it arrives. */
final class DemoRun {
    private static final Duration POLL_TIMEOUT = Duration.ofMillis(100);
    private static final int MAX_RESTARTS = 3;
    private static final int MAX_SHOWN_CHARACTERS = 80;

    private final Path out;
    private final Progress progress;
    private final Map<String, PromptRequest> pending = new LinkedHashMap<>();
    private final Map<String, DemoResult> results = new LinkedHashMap<>();

    DemoRun(Path out, Progress progress) {
        this.out = out;
        this.progress = progress;
    }

    /**
     * Runs the job until every prompt is answered or the job has ended.
     *
     * @return the results, in the order of the prompts
     */
    List<DemoResult> run(LocalStack stack, List<PromptRequest> requests) throws Exception {
        requests.forEach(request -> pending.put(request.requestId(), request));
        JobConfig config = stack.config();
        KafkaSettings kafka = KafkaSettings.of(config);
        var topics =
                new AnswerReader.Topics(config.get(JobOptions.VIDEOS_TOPIC), config.get(JobOptions.FAILURES_TOPIC));
        CompletableFuture<JobResult> end = stack.runJob(fewRestarts());
        var payloads = config.get(DeliveryOptions.PAYLOAD_FOLDER).map(PayloadFolder::of);
        var records = new RecordReader(RegistryAccess.of(config));
        try (AnswerReader reader = new AnswerReader(kafka, topics, payloads, records, true, progress::print);
                PromptPublisher publisher = new PromptPublisher(kafka, config.get(JobOptions.PROMPTS_TOPIC))) {
            for (PromptRequest request : requests) {
                publisher.publish(request);
            }
            progress.print("prompts  " + requests.size() + " published");
            while (!pending.isEmpty() && !end.isDone()) {
                accept(reader.poll(POLL_TIMEOUT));
            }
            accept(reader.poll(POLL_TIMEOUT));
        }
        if (!pending.isEmpty()) {
            String reason = "the job ended before the answer: "
                    + JobEndReason.await(end).orElse("it was cancelled");
            List.copyOf(pending.values())
                    .forEach(request -> complete(new Answer.Missing(request.requestId(), reason), request));
        }
        return requests.stream()
                .map(request -> results.get(request.requestId()))
                .toList();
    }

    /** Returns settings that end a job which fails again and again: the user waits for the demo, and can repair it. */
    private static Configuration fewRestarts() {
        Configuration settings = new Configuration();
        settings.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_ATTEMPTS, MAX_RESTARTS);
        return settings;
    }

    private void accept(List<Answer> answers) throws IOException {
        for (Answer answer : answers) {
            PromptRequest request = pending.get(String.valueOf(answer.requestId()));
            if (request != null) {
                if (answer instanceof Answer.Clip clip) {
                    Files.write(out.resolve(FileNames.mp4(request.requestId())), clip.file());
                }
                complete(answer, request);
            }
        }
    }

    private void complete(Answer answer, PromptRequest request) {
        pending.remove(request.requestId());
        DemoResult result = new DemoResult(request, answer, progress.elapsed());
        results.put(request.requestId(), result);
        progress.print("%2d of %d  %s".formatted(results.size(), results.size() + pending.size(), line(result)));
    }

    private static String line(DemoResult result) {
        String text = result.request().text();
        return (text.length() > MAX_SHOWN_CHARACTERS ? text.substring(0, MAX_SHOWN_CHARACTERS) + "…" : text) + " -> "
                + result.answer()
                        .match(
                                clip -> result.file(),
                                failed -> failed.record().getCode() + ", "
                                        + failed.record().getMessage(),
                                Answer.Missing::reason);
    }
}
