package io.zoetrope.cli;

import io.zoetrope.config.JobOptions;
import io.zoetrope.config.Setting;
import io.zoetrope.flink.LocalCluster;
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
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "demo",
        header = "Generates videos from prompts: runs a Kafka broker, a Flink cluster and the job in one process.",
        customSynopsis = "zoetrope demo [PROMPT...] [--prompts-file F] [--out DIR] [--seed N] [OPTIONS]",
        description = {
            "Publishes the prompts, waits until each is answered, and ends. Writes DIR/<request_id>.mp4 for each video,"
                    + " DIR/index.html, a page that plays all videos, DIR/results.json, a list of the results,"
                    + " and DIR/zoetrope.log.",
            "The request id of a prompt is made of its position and its text. The default seed is derived from the"
                    + " request id, so the same command generates the same videos again."
        },
        footer = {
            "",
            "Examples:",
            "  ./zoetrope demo",
            "  ./zoetrope demo \"a green star spinning on a gray background\" --seed 7",
            "  ./zoetrope demo --prompts-file prompts.txt --out clips --encoder vp9",
            "",
            "Exit codes: 0 every prompt was answered by video, 1 some were not,",
            "2 the command failed."
        })
final class DemoCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "PROMPT",
            arity = "0..*",
            description = "The text of a video. Without a prompt, a few built-in prompts are used.")
    private List<String> prompts = new ArrayList<>();

    @Option(
            names = "--prompts-file",
            paramLabel = "FILE",
            description = "Text file with more prompts, one per line. Blank lines and lines that start with # are"
                    + " ignored.")
    private @Nullable Path promptsFile;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Folder that the files are written to. Default: ${DEFAULT-VALUE}.")
    private Path out = Path.of("zoetrope-demo");

    @Mixin
    private PromptOptions promptOptions = new PromptOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before it calls the command
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        List<PromptRequest> requests = requests();
        LocalStack.check(base(), arguments());
        Logs.to(createdOut().resolve("zoetrope.log"));
        Progress progress = Progress.sinceLaunch(spec.commandLine().getOut());
        progress.print("writing videos to " + out);

        var ports =
                new LocalServers.Ports(EmbeddedBroker.ANY_PORT, LocalCluster.LOOPBACK, LocalServers.Ports.DEFAULT_UI);
        try (LocalStack stack = LocalStack.start(ports, base(), arguments(), progress)) {
            List<DemoResult> results = new DemoRun(out, progress).run(stack, requests);
            return report(results, progress);
        }
    }

    private int report(List<DemoResult> results, Progress progress) throws IOException {
        ResultsFile.write(out.resolve("results.json"), results);
        Path page = Files.writeString(out.resolve("index.html"), DemoPage.html(results));
        long videos = results.stream().filter(DemoResult::isVideo).count();
        progress.print("%d of %d prompts were answered by video. Open %s".formatted(videos, results.size(), page));
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
        Optional<ByteBuffer> image = promptOptions.readFirstFrame();
        List<PromptRequest> requests = new ArrayList<>();
        for (String text : texts) {
            String requestId = FileNames.slug(requests.size() + 1, text);
            requests.add(promptOptions.request(requestId, text, image));
        }
        return requests;
    }

    private Path createdOut() {
        try {
            return Files.createDirectories(out);
        } catch (IOException e) {
            throw new UsageException(
                    "the folder " + out + " cannot be created (" + e + "); give another with --out", e);
        }
    }

    /** Commits more often than the job does by default: latency matters in a demo and throughput does not. */
    private static List<Setting> base() {
        return List.of(
                JobArguments.shippedBundle(), new Setting(JobOptions.CHECKPOINT_INTERVAL.key(), "500 ms", "the demo"));
    }

    /**
     * Returns the options of the job. An option that picocli does not recognize is passed on with an empty value,
     * because picocli treats the value after it as a prompt; the job then refuses the option by its name.
     */
    private List<String> arguments() {
        List<String> arguments = JobArguments.recognized(spec);
        JobArguments.unrecognized(spec).forEach(name -> arguments.add(name.contains("=") ? name : name + "="));
        return arguments;
    }
}
