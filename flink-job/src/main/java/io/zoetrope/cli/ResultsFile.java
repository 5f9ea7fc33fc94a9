package io.zoetrope.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zoetrope.prompt.PromptRequest;
import io.zoetrope.schema.FailedPrompt;
import io.zoetrope.schema.Timings;
import io.zoetrope.schema.VideoSegment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.codec.digest.DigestUtils;

/** Writes the demo's results.json: a list with one object per prompt, in the order of the prompts. */
final class ResultsFile {
    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private ResultsFile() {}

    static void write(Path file, List<DemoResult> results) throws IOException {
        ArrayNode list = MAPPER.createArrayNode();
        results.forEach(result -> describe(result, list.addObject()));
        MAPPER.writeValue(file.toFile(), list);
    }

    private static void describe(DemoResult result, ObjectNode node) {
        node.put("request_id", result.request().requestId());
        node.put("prompt", result.request().text());
        JsonNode outcome = result.answer()
                .match(
                        clip -> described(result, clip),
                        failed -> MAPPER.createObjectNode().set("failure", described(failed.record())),
                        missing -> MAPPER.createObjectNode()
                                .set("failure", MAPPER.createObjectNode().put("message", missing.reason())));
        node.setAll((ObjectNode) outcome);
        node.put("seed", result.seed());
        if (result.request().steps() != PromptRequest.DEFAULT_STEPS) {
            node.put("steps", result.request().steps());
        }
        node.put("elapsed_s", Progress.seconds(result.elapsed()));
    }

    private static ObjectNode described(DemoResult result, Answer.Clip clip) {
        VideoSegment segment = clip.last();
        ObjectNode node = MAPPER.createObjectNode();
        node.put("file", result.file());
        node.put("sha256", DigestUtils.sha256Hex(clip.file()));
        node.put("size", clip.file().length);
        node.put("content_type", segment.getContentType());
        node.put("width", segment.getWidth());
        node.put("height", segment.getHeight());
        node.put("frame_count", segment.getFirstFrameIndex() + segment.getFrameCount());
        node.putObject("frame_rate")
                .put("num", segment.getFrameRate().getNum())
                .put("den", segment.getFrameRate().getDen());
        node.put("model", segment.getModel());
        node.put("model_digest", segment.getModelDigest());
        node.put("sampler", segment.getSampler());
        node.put("batch_size", segment.getBatchSize());
        Timings timings = segment.getTimings();
        node.putObject("timings")
                .put("queue_ms", timings.getQueueMs())
                .put("text_ms", timings.getTextMs())
                .put("generate_ms", timings.getGenerateMs())
                .put("decode_ms", timings.getDecodeMs())
                .put("encode_ms", timings.getEncodeMs());
        return node;
    }

    private static ObjectNode described(FailedPrompt failed) {
        return MAPPER.createObjectNode()
                .put("code", failed.getCode())
                .put("stage", failed.getStage())
                .put("message", failed.getMessage())
                .put("retryable", failed.getRetryable());
    }
}
