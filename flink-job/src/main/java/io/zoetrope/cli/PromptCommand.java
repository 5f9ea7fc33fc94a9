package io.zoetrope.cli;

import io.zoetrope.config.JobOptions;
import io.zoetrope.prompt.PromptRequest;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "prompt",
        header = "Publishes prompts to any Kafka that the job reads from.",
        description = {"Prints their request ids. The answers come on other topics: see ./zoetrope watch."},
        footer = {
            "",
            "Examples:",
            "  ./zoetrope prompt \"a red circle moving right on a black background\"",
            "  ./zoetrope prompt \"a white ring orbiting\" \"a pink heart growing\" --seed 7",
            "  ./zoetrope prompt \"a blue square bouncing\" --request-id order-17 \\",
            "      --bootstrap-servers kafka-1:9092",
            "  ./zoetrope prompt \"a red circle moving up\" --first-frame last.png",
            "",
            "The same prompt with the same seed gives the same bytes. A request id that was",
            "used before is not answered again for a day."
        })
final class PromptCommand implements Callable<Integer> {
    @Parameters(paramLabel = "TEXT", arity = "1..*", description = "What a video shall show; each is a prompt.")
    private List<String> texts = List.of();

    @Option(
            names = "--bootstrap-servers",
            paramLabel = "S",
            description = "Kafka brokers to start from. Default: " + KafkaAddress.DEFAULT + ".")
    private String bootstrapServers = KafkaAddress.DEFAULT;

    @Option(
            names = "--topic",
            paramLabel = "NAME",
            description = "Topic of the prompts. Default: " + JobOptions.DEFAULT_PROMPTS_TOPIC + ".")
    private String topic = JobOptions.DEFAULT_PROMPTS_TOPIC;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of every prompt. Without it, each one's derives from its request id.")
    private @Nullable Long seed;

    @Option(names = "--steps", paramLabel = "N", description = "Passes of the generator, 1 or 2. Default: 1.")
    private int steps = 1;

    @Option(
            names = "--first-frame",
            paramLabel = "FILE",
            description = "PNG or JPEG that each video starts from, if the model takes one.")
    private @Nullable Path firstFrame;

    @Option(names = "--request-id", paramLabel = "ID", description = "Id of a single prompt. Default: a random one.")
    private @Nullable String requestId;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before it calls
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        if (requestId != null && texts.size() > 1) {
            throw new UsageException("--request-id names one request, " + texts.size()
                    + " prompts are given; leave it out, or put the prompt into one pair of quotes");
        }
        Optional<ByteBuffer> image = Prompts.firstFrame(firstFrame);
        PrintWriter out = spec.commandLine().getOut();
        try (PromptPublisher publisher = new PromptPublisher(bootstrapServers, topic)) {
            for (String text : texts) {
                String id = requestId != null ? requestId : UUID.randomUUID().toString();
                PromptRequest request = Prompts.request(id, text, Optional.ofNullable(seed), steps, image);
                publisher.publish(request);
                out.println(id + "  " + text);
            }
        }
        return Zoetrope.OK;
    }
}
