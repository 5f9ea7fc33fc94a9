package io.zoetrope.cli;

import io.zoetrope.config.JobOptions;
import io.zoetrope.schema.FailedPrompt;
import io.zoetrope.schema.Timings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "watch",
        header = "Saves the videos that the job publishes to any Kafka.",
        description = {
            "Writes DIR/<request_id>.mp4 for each, and prints a line for each answer.",
            "It reads committed records only, from now on, until Ctrl-C."
        },
        footer = {
            "",
            "Examples:",
            "  ./zoetrope watch",
            "  ./zoetrope watch --out clips --bootstrap-servers kafka-1:9092",
            "  ./zoetrope watch --from-beginning --count 10    saves ten, then ends",
            "",
            "Exit codes, with --count: 0 all were videos, 1 some were failures,",
            "2 Kafka does not answer, or N is below 1."
        })
final class WatchCommand implements Callable<Integer> {
    private static final Duration POLL = Duration.ofSeconds(1);

    @Option(names = "--out", paramLabel = "DIR", description = "Where to write. Default: zoetrope-videos.")
    private Path out = Path.of("zoetrope-videos");

    @Option(
            names = "--bootstrap-servers",
            paramLabel = "S",
            description = "Kafka brokers to start from. Default: " + KafkaAddress.DEFAULT + ".")
    private String bootstrapServers = KafkaAddress.DEFAULT;

    @Option(
            names = "--videos-topic",
            paramLabel = "NAME",
            description = "Topic of the segments. Default: " + JobOptions.DEFAULT_VIDEOS_TOPIC + ".")
    private String videosTopic = JobOptions.DEFAULT_VIDEOS_TOPIC;

    @Option(
            names = "--failures-topic",
            paramLabel = "NAME",
            description = "Topic of the failures. Default: " + JobOptions.DEFAULT_FAILURES_TOPIC + ".")
    private String failuresTopic = JobOptions.DEFAULT_FAILURES_TOPIC;

    @Option(names = "--from-beginning", description = "Read what is there already, too.")
    private boolean fromBeginning;

    @Option(names = "--count", paramLabel = "N", description = "End after so many answers.")
    private @Nullable Integer count;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before it calls
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (count != null && count < 1) {
            throw new UsageException("--count " + count + " asks for no answer; give 1 or more, or leave it out");
        }
        Files.createDirectories(out);
        PrintWriter console = spec.commandLine().getOut();
        Progress progress = Progress.sinceLaunch(console);
        int answers = 0;
        int failures = 0;
        try (AnswerReader reader = new AnswerReader(
                bootstrapServers, new AnswerReader.Topics(videosTopic, failuresTopic), fromBeginning, progress::tell)) {
            progress.tell("watching " + bootstrapServers + ", saving into " + out
                    + (fromBeginning ? "" : ", from now on; --from-beginning for what is there already"));
            while (count == null || answers < count) {
                for (Answer answer : reader.poll(POLL)) {
                    answers++;
                    failures += answer instanceof Answer.Refusal ? 1 : 0;
                    progress.tell(saved(answer));
                }
            }
        }
        return failures == 0 ? Zoetrope.OK : Zoetrope.SOME_FAILED;
    }

    private String saved(Answer answer) throws IOException {
        if (answer instanceof Answer.Clip clip) {
            Files.write(file(clip), clip.file());
        }
        return answer.match(
                clip -> file(clip) + "  " + clip.file().length + " bytes, "
                        + timings(clip.last().getTimings()),
                refusal -> failed(refusal.record()),
                Answer.Missing::reason);
    }

    private Path file(Answer.Clip clip) {
        return out.resolve(FileNames.mp4(clip.requestId()));
    }

    private static String timings(Timings timings) {
        return "queue %d ms, generate %d ms, decode %d ms, encode %d ms"
                .formatted(timings.getQueueMs(), timings.getGenerateMs(), timings.getDecodeMs(), timings.getEncodeMs());
    }

    private static String failed(FailedPrompt failed) {
        String whose = failed.getRequestId() == null
                ? "the event at " + failed.getTopic() + "-" + failed.getPartition() + " offset " + failed.getOffset()
                : failed.getRequestId();
        return whose + "  " + failed.getCode() + ": " + failed.getMessage();
    }
}
