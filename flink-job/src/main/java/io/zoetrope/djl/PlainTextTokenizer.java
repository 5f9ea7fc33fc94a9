package io.zoetrope.djl;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Changes a tokenizer's file so that it reads every prompt as plain text. The library turns the spelling of a special
 * token, such as {@code [SEP]}, into that token wherever it occurs in a text, and its Java binding has no switch for
 * this. Without the list of special tokens it finds none. The tokens that surround a prompt come from the
 * post-processor, which names them with their ids.
 */
final class PlainTextTokenizer {
    /** The deepest nesting of objects and lists: that of the native parser, which would end the process beyond it. */
    private static final int MOST_NESTING = 100;

    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MOST_NESTING)
                            .build())
                    .build())
            .build();

    private PlainTextTokenizer() {}

    /** Returns the bytes of a {@code tokenizer.json} without its special tokens. */
    static byte[] json(Path file) throws IOException {
        JsonNode tokenizer = JSON.readTree(Files.readAllBytes(file));
        if (tokenizer instanceof ObjectNode fields && fields.get("added_tokens") instanceof ArrayNode added) {
            ArrayNode kept = JSON.createArrayNode();
            for (JsonNode token : added) {
                if (!token.path("special").asBoolean()) {
                    kept.add(token);
                }
            }
            fields.set("added_tokens", kept);
        }
        return JSON.writeValueAsBytes(tokenizer);
    }
}
