package io.zoetrope.cli;

import io.zoetrope.config.JobOptions;
import io.zoetrope.config.Setting;
import io.zoetrope.kafka.EmbeddedBroker;
import io.zoetrope.prompt.PromptRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

@Command(
        name = "demo",
        header = "Films prompts: a Kafka broker, a Flink cluster and the job, in one process.",
        customSynopsis = "zoetrope demo [PROMPT...] [--prompts-file F] [--out DIR] [--seed N] [OPTIONS]",
        description = {
            "Writes DIR/<request_id>.mp4 for each, DIR/index.html, a page that plays them all, and DIR/results.json."
        },
        footer = {
            "",
            "Examples:",
            "  ./zoetrope demo",
            "  ./zoetrope demo \"a green star spinning on a gray background\" --seed 7",
            "  ./zoetrope demo --prompts-file prompts.txt --out clips --encoder vp9",
            "",
            "Exit codes: 0 all prompts were answered by video, 1 some were not,",
            "2 nothing could be done."
        })
final class DemoCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "PROMPT",
            arity = "0..*",
            description = "What a video shall show; without any, a few built-in ones.")
    private List<String> prompts = new ArrayList<>();

    @Option(
            names = "--prompts-file",
            paramLabel = "FILE",
            description = "More prompts, one a line; blank lines and lines that begin with # are left out.")
    private @Nullable Path promptsFile;

    @Option(names = "--out", paramLabel = "DIR", description = "Where to write. Default: zoetrope-demo.")
    private Path out = Path.of("zoetrope-demo");

    @Option(
            names = "--seed",
            paramLabel = "N",
            description =
                    "Seed of every prompt. Without it, each prompt's derives from its place and its words, so that"
                            + " a demo repeats itself.")
    private @Nullable Long seed;

    @Option(names = "--steps", paramLabel = "N", description = "Passes of the generator, 1 or 2. Default: 1.")
    private int steps = 1;

    @Option(
            names = "--first-frame",
            paramLabel = "FILE",
            description = "PNG or JPEG that each video starts from, if the model takes one.")
    private @Nullable Path firstFrame;

    @Unmatched
    private List<String> unknown = new ArrayList<>();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before it calls
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        List<PromptRequest> requests = requests();
        LocalStack.check(base(), options());
        Logs.to(createdOut().resolve("zoetrope.log"));
        Progress progress = Progress.sinceLaunch(spec.commandLine().getOut());
        progress.tell("filming into " + out);

        try (LocalStack stack = LocalStack.start(
                new LocalServers.Ports(EmbeddedBroker.ANY_PORT, UpCommand.UI_PORT), base(), options(), progress)) {
            List<DemoResult> results = new DemoRun(out, progress).film(stack, requests);
            return report(results, progress);
        }
    }

    private int report(List<DemoResult> results, Progress progress) throws IOException {
        ResultsFile.write(out.resolve("results.json"), results);
        Path page = Files.writeString(out.resolve("index.html"), DemoPage.html(results));
        long videos = results.stream().filter(DemoResult::isVideo).count();
        progress.tell("%d of %d prompts were answered by video. Open %s".formatted(videos, results.size(), page));
        return videos == results.size() ? Zoetrope.OK : Zoetrope.SOME_FAILED;
    }

    private List<PromptRequest> requests() {
        List<String> texts = new ArrayList<>(prompts);
        if (promptsFile != null) {
            texts.addAll(Prompts.read(promptsFile));
        }
        if (texts.isEmpty()) {
            texts.addAll(BuiltInPrompts.all());
        }
        Optional<ByteBuffer> image = Prompts.firstFrame(firstFrame);
        List<PromptRequest> requests = new ArrayList<>();
        for (String text : texts) {
            String requestId = FileNames.slug(requests.size() + 1, text);
            requests.add(Prompts.request(requestId, text, Optional.ofNullable(seed), steps, image));
        }
        return requests;
    }

    private Path createdOut() {
        try {
            return Files.createDirectories(out);
        } catch (IOException e) {
            throw new UsageException("the folder " + out + " cannot be made (" + e + "); give another with --out", e);
        }
    }

    /** Nobody in a demo waits for throughput: commit often, and the videos come sooner. */
    private static List<Setting> base() {
        return List.of(
                JobOptionSpecs.shippedBundle(),
                new Setting(JobOptions.CHECKPOINT_INTERVAL.key(), "500 ms", "the demo"));
    }

    /** An unknown option's value was taken for a prompt; its name is enough to refuse it. */
    private List<String> options() {
        List<String> options = JobOptionSpecs.given(spec);
        unknown.forEach(name -> options.add(name.contains("=") ? name : name + "="));
        return options;
    }
}
