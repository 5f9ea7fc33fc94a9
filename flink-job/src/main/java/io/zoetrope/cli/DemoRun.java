package io.zoetrope.cli;

import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import io.zoetrope.prompt.PromptRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.flink.runtime.jobmaster.JobResult;

/** Publishes prompts, and writes each video when it comes. */
final class DemoRun {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final int LONGEST_SHOWN = 80;

    private final Path out;
    private final Progress progress;
    private final Map<String, PromptRequest> pending = new LinkedHashMap<>();
    private final Map<String, DemoResult> results = new LinkedHashMap<>();

    DemoRun(Path out, Progress progress) {
        this.out = out;
        this.progress = progress;
    }

    /**
     * Runs the job on a stack until every prompt is answered or the job has ended.
     *
     * @return what became of the prompts, in their order
     */
    List<DemoResult> film(LocalStack stack, List<PromptRequest> requests) throws Exception {
        requests.forEach(request -> pending.put(request.requestId(), request));
        JobConfig config = stack.config();
        String servers = config.get(JobOptions.BOOTSTRAP_SERVERS);
        var topics =
                new AnswerReader.Topics(config.get(JobOptions.VIDEOS_TOPIC), config.get(JobOptions.FAILURES_TOPIC));
        CompletableFuture<JobResult> end = stack.runJob();
        try (AnswerReader reader = new AnswerReader(servers, topics, true, progress::tell);
                PromptPublisher publisher = new PromptPublisher(servers, config.get(JobOptions.PROMPTS_TOPIC))) {
            for (PromptRequest request : requests) {
                publisher.publish(request);
            }
            progress.tell("prompts  " + requests.size() + " published");
            while (!pending.isEmpty() && !end.isDone()) {
                take(reader.poll(POLL));
            }
            take(reader.poll(POLL));
        }
        if (!pending.isEmpty()) {
            String reason = "the job ended before the answer: " + reason(end);
            List.copyOf(pending.values())
                    .forEach(request -> settle(new Answer.Missing(request.requestId(), reason), request));
        }
        return requests.stream()
                .map(request -> results.get(request.requestId()))
                .toList();
    }

    private void take(List<Answer> answers) throws IOException {
        for (Answer answer : answers) {
            PromptRequest request = pending.get(String.valueOf(answer.requestId()));
            if (request != null) {
                if (answer instanceof Answer.Clip clip) {
                    Files.write(out.resolve(FileNames.mp4(request.requestId())), clip.file());
                }
                settle(answer, request);
            }
        }
    }

    private void settle(Answer answer, PromptRequest request) {
        pending.remove(request.requestId());
        DemoResult result = new DemoResult(request, answer, progress.elapsed());
        results.put(request.requestId(), result);
        progress.tell("%2d of %d  %s".formatted(results.size(), results.size() + pending.size(), line(result)));
    }

    private static String line(DemoResult result) {
        String text = result.request().text();
        return (text.length() > LONGEST_SHOWN ? text.substring(0, LONGEST_SHOWN) + "…" : text) + " -> "
                + result.answer()
                        .match(
                                clip -> result.file(),
                                refusal -> refusal.record().getCode() + ", "
                                        + refusal.record().getMessage(),
                                Answer.Missing::reason);
    }

    private static String reason(CompletableFuture<JobResult> end) throws InterruptedException {
        try {
            return JobEnd.reason(end.get());
        } catch (ExecutionException e) {
            return String.valueOf(e.getCause());
        }
    }
}
