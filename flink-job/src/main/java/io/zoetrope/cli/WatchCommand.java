package io.zoetrope.cli;

import io.zoetrope.client.KafkaSettings;
import io.zoetrope.flink.PayloadFolder;
import io.zoetrope.schema.FailedPrompt;
import io.zoetrope.schema.Timings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "watch",
        header = "Saves the videos that a running job publishes.",
        description = {
            "Writes DIR/<request_id>.mp4 for each video, and prints a line for each answer: a video or a failure.",
            "Reads committed records that are published after the command starts, until Ctrl-C."
        },
        footer = {
            "",
            "Examples:",
            "  ./zoetrope watch",
            "  ./zoetrope watch --out clips --bootstrap-servers kafka-1:9092",
            "  ./zoetrope watch --from-beginning --count 10    ends after ten answers",
            "  ./zoetrope watch --payload-folder /srv/videos   reads large videos from there",
            "",
            "Exit codes, with --count: 0 all answers were videos, 1 some were failures,",
            "2 Kafka does not respond, or N is below 1."
        })
final class WatchCommand implements Callable<Integer> {
    private static final Duration POLL_TIMEOUT = Duration.ofSeconds(1);

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Folder that the videos are written to. Default: ${DEFAULT-VALUE}.")
    private Path out = Path.of("zoetrope-videos");

    @Mixin
    private KafkaOptions kafkaOptions = new KafkaOptions();

    @Mixin
    private AnswerTopicsOptions answerTopics = new AnswerTopicsOptions();

    @Mixin
    private RegistryOption registryOption = new RegistryOption();

    @Option(
            names = "--payload-folder",
            paramLabel = "FOLDER",
            description = "Folder or URI of the payloads that are not in their records, as the job's option names it."
                    + " Nothing else is read. Default: none.")
    private @Nullable String payloadFolder;

    @Option(names = "--from-beginning", description = "Also read the answers that the topics contain already.")
    private boolean fromBeginning;

    @Option(
            names = "--count",
            paramLabel = "N",
            description = "End after N answers. Without it, the command runs until Ctrl-C.")
    private @Nullable Integer count;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before it calls the command
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (count != null && count < 1) {
            throw new UsageException("--count is " + count + "; give 1 or more, or leave it out");
        }
        Files.createDirectories(out);
        Progress progress = Progress.sinceLaunch(spec.commandLine().getOut());
        KafkaSettings kafka = kafkaOptions.value();
        var topics = answerTopics.value();
        var records = registryOption.value(kafka);
        int answers = 0;
        int failures = 0;
        var payloads = Optional.ofNullable(payloadFolder).map(WatchCommand::payloads);
        try (AnswerReader reader = new AnswerReader(kafka, topics, payloads, records, fromBeginning, progress::print)) {
            progress.print("watching " + kafka.servers() + ", writing videos to " + out
                    + (fromBeginning ? "" : "; use --from-beginning to read earlier answers too"));
            while (count == null || answers < count) {
                for (Answer answer : reader.poll(POLL_TIMEOUT)) {
                    answers++;
                    failures += answer instanceof Answer.Failed ? 1 : 0;
                    progress.print(save(answer));
                }
            }
        }
        return failures == 0 ? Zoetrope.OK : Zoetrope.SOME_FAILED;
    }

    private static PayloadFolder payloads(String folder) {
        try {
            return PayloadFolder.of(folder);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--payload-folder " + folder + ": " + e.getMessage(), e);
        }
    }

    /** Writes the file of a video, and returns the line to print for the answer. */
    private String save(Answer answer) throws IOException {
        if (answer instanceof Answer.Clip clip) {
            Files.write(file(clip), clip.file());
        }
        return answer.match(
                clip -> file(clip) + "  " + clip.file().length + " bytes, "
                        + timings(clip.last().getTimings()),
                failed -> failure(failed.record()),
                Answer.Missing::reason);
    }

    private Path file(Answer.Clip clip) {
        return out.resolve(FileNames.mp4(clip.requestId()));
    }

    private static String timings(Timings timings) {
        return "queue %d ms, generate %d ms, decode %d ms, encode %d ms"
                .formatted(timings.getQueueMs(), timings.getGenerateMs(), timings.getDecodeMs(), timings.getEncodeMs());
    }

    private static String failure(FailedPrompt record) {
        String request = record.getRequestId() == null
                ? "the event at " + record.getTopic() + "-" + record.getPartition() + "@" + record.getOffset()
                : record.getRequestId();
        return request + "  " + record.getCode() + ": " + record.getMessage();
    }
}
