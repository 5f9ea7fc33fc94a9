package io.zoetrope.cli;

import io.zoetrope.config.JobOptions;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "prompt",
        header = "Publishes prompts to the topic that a running job reads.",
        description = {
            "Prints the request id of each prompt and ends; it does not wait for the answers. ./zoetrope watch saves"
                    + " them."
        },
        footer = {
            "",
            "Examples:",
            "  ./zoetrope prompt \"a red circle moving right on a black background\"",
            "  ./zoetrope prompt \"a white ring orbiting\" \"a pink heart growing\" --seed 7",
            "  ./zoetrope prompt \"a blue square bouncing\" --request-id order-17 \\",
            "      --bootstrap-servers kafka-1:9092",
            "  ./zoetrope prompt \"a red circle moving up\" --first-frame last.png",
            "  ./zoetrope prompt \"a red circle moving up\" --model toybox-64",
            "",
            "The same prompt with the same seed gives the same video, byte for byte. The job",
            "ignores a prompt whose request id was used before, by default for 24 hours."
        })
final class PromptCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "TEXT",
            arity = "1..*",
            description = "The text of a video. Each argument is one prompt, so put it in quotes.")
    private List<String> texts = List.of();

    @Mixin
    private KafkaOptions kafkaOptions = new KafkaOptions();

    @Option(
            names = "--topic",
            paramLabel = "NAME",
            description = "Topic that the prompts are published to. Default: ${DEFAULT-VALUE}.")
    private String topic = JobOptions.DEFAULT_PROMPTS_TOPIC;

    @Mixin
    private PromptOptions promptOptions = new PromptOptions();

    @Option(
            names = "--request-id",
            paramLabel = "ID",
            description = "Request id, for a single prompt. Default: a random UUID.")
    private @Nullable String requestId;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before it calls the command
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        if (requestId != null && texts.size() > 1) {
            throw new UsageException("--request-id names one request, and " + texts.size()
                    + " prompts are given; leave it out, or put the whole prompt in one pair of quotes");
        }
        Optional<ByteBuffer> image = promptOptions.readFirstFrame();
        PrintWriter out = spec.commandLine().getOut();
        try (PromptPublisher publisher = new PromptPublisher(kafkaOptions.value(), topic)) {
            for (String text : texts) {
                String id = requestId != null ? requestId : UUID.randomUUID().toString();
                publisher.publish(promptOptions.request(id, text, image));
                out.println(ConsoleText.line(id + "  " + text));
            }
        }
        return Zoetrope.OK;
    }
}
