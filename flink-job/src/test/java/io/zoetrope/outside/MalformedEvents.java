package io.zoetrope.outside;

import io.zoetrope.WireCorpus;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.flink.KafkaHeader;
import io.zoetrope.fuzz.Corpora;
import io.zoetrope.image.ImageLimits;
import io.zoetrope.imageio.ImageIoReader;
import io.zoetrope.prompt.RequestBuilder;
import io.zoetrope.wire.PromptCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * 10,000 records that each have to end as one failure: those of {@link WireCorpus}, and mutations of the committed
 * records and images. The same every time.
 */
final class MalformedEvents {
    /** The number of records. */
    static final int COUNT = 10_000;

    private static final int DAMAGED_IMAGES = 3000;
    private static final int INVALID_FIELDS = 2000;
    private static final int MOST_BYTES = 32 << 10;
    /** The characters in which a tokenizer finds nothing. */
    private static final int[] BLANK = {' ', '\t', '\n', 0xa0, 0x200b, 0xfeff, 0x3000, 0, 1, 0x1b, 0x7f, 0x85, 0x2028};

    private final Random random = new Random(17);
    private final List<Event> events = new ArrayList<>();

    /**
     * A record and the failures that may answer it.
     *
     * @param kind what is wrong with it
     * @param fact a part of the failure's message
     */
    @SuppressWarnings("ArrayRecordComponent") // nothing compares records
    record Event(
            String kind,
            byte @Nullable [] key,
            byte @Nullable [] value,
            List<KafkaHeader> headers,
            Set<String> codes,
            String fact) {}

    private MalformedEvents() {}

    /** Returns the records in a random order, so that each kind is among all others. */
    static List<Event> all() throws IOException {
        MalformedEvents all = new MalformedEvents();
        all.addCorpus();
        all.addImages(Corpora.images());
        all.addFields();
        all.addBytes(Corpora.records());
        Collections.shuffle(all.events, all.random);
        return all.events;
    }

    private void addCorpus() throws IOException {
        Set<String> codes = Set.of(
                "INVALID_EVENT",
                "PROMPT_TOO_LONG",
                "UNKNOWN_MODEL",
                "UNSUPPORTED_SHAPE",
                "IMAGE_REJECTED",
                "DEADLINE_EXCEEDED");
        for (WireCorpus.Entry entry : WireCorpus.read()) {
            if (entry.expected() == WireCorpus.Expected.FAILURE) {
                events.add(new Event("corpus", entry.key(), entry.value(), entry.headers(), codes, ""));
            }
        }
    }

    /** Adds images that the reader refuses, each a mutation of a committed one. */
    private void addImages(List<byte[]> images) {
        ImageIoReader reader = new ImageIoReader(64, 64, ImageLimits.DEFAULT);
        List<byte[]> small =
                images.stream().filter(image -> image.length <= MOST_BYTES).toList();
        for (int i = 0; i < DAMAGED_IMAGES; ) {
            byte[] image = mutated(small);
            if (isRefused(() -> reader.read(ByteBuffer.wrap(image)))) {
                String id = "image-" + i++;
                add(
                        "image",
                        id,
                        request(id).firstFrame(ByteBuffer.wrap(image)),
                        FailureCode.IMAGE_REJECTED,
                        "first_frame");
            }
        }
    }

    /** Adds records that have no readable request id, each a mutation of a committed one. */
    private void addBytes(List<byte[]> records) {
        List<byte[]> small =
                records.stream().filter(record -> record.length <= MOST_BYTES).toList();
        while (events.size() < COUNT) {
            byte[] value = mutated(small);
            if (isRefused(() -> PromptCodec.requestId(value))) {
                String id = "bytes-" + events.size();
                events.add(new Event("bytes", bytes(id), value, List.of(), Set.of("INVALID_EVENT"), ""));
            }
        }
    }

    private void addFields() {
        for (int i = 0; i < INVALID_FIELDS; i++) {
            String id = "field-" + i;
            RequestBuilder request = request(id);
            switch (i % 9) {
                case 0 -> add("blank text", id, request.text(blank()), FailureCode.INVALID_EVENT, "prompt");
                case 1 -> add("long text", id, request.text("x".repeat(8193 + i)), FailureCode.PROMPT_TOO_LONG, "8192");
                case 2 ->
                    add(
                            "many tokens",
                            id,
                            request.text("a red ".repeat(300 + i % 300)),
                            FailureCode.PROMPT_TOO_LONG,
                            "token");
                case 3 -> add("model", id, request.model("model-" + i), FailureCode.UNKNOWN_MODEL, "model");
                case 4 -> add("shape", id, request.width(random.nextInt()), FailureCode.UNSUPPORTED_SHAPE, "shape");
                case 5 ->
                    add("steps", id, request.steps(1000 + random.nextInt(1 << 30)), FailureCode.INVALID_EVENT, "steps");
                case 6 ->
                    add(
                            "deadline",
                            id,
                            request.deadline(Instant.ofEpochMilli(i)),
                            FailureCode.DEADLINE_EXCEEDED,
                            "deadline");
                case 7 ->
                    add("labels", id, request.labels(labels(257 + i % 1000)), FailureCode.INVALID_EVENT, "labels");
                default -> addHeaders(id, request, 1001 + i);
            }
        }
    }

    private void addHeaders(String id, RequestBuilder request, int count) {
        List<KafkaHeader> headers = IntStream.range(0, count)
                .mapToObj(n -> new KafkaHeader("h", new byte[0]))
                .toList();
        events.add(new Event(
                "headers",
                bytes(id),
                PromptCodec.encode(request.build()),
                headers,
                Set.of("INVALID_EVENT"),
                "headers"));
    }

    private void add(String kind, String id, RequestBuilder request, FailureCode code, String fact) {
        events.add(
                new Event(kind, bytes(id), PromptCodec.encode(request.build()), List.of(), Set.of(code.name()), fact));
    }

    private static Map<String, String> labels(int count) {
        return IntStream.range(0, count).boxed().collect(Collectors.toMap(n -> "label-" + n, n -> ""));
    }

    private String blank() {
        return random.ints(1 + random.nextInt(40), 0, BLANK.length)
                .map(index -> BLANK[index])
                .mapToObj(Character::toString)
                .collect(Collectors.joining());
    }

    /** Returns one of the contents with one to four changes. */
    private byte[] mutated(List<byte[]> contents) {
        byte[] bytes = contents.get(random.nextInt(contents.size())).clone();
        for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
            bytes = changed(bytes, contents.get(random.nextInt(contents.size())));
        }
        return bytes;
    }

    private byte[] changed(byte[] bytes, byte[] other) {
        if (bytes.length == 0) {
            return other.clone();
        }
        int at = random.nextInt(bytes.length);
        int length = 1 + random.nextInt(Math.min(64, bytes.length - at));
        byte[] changed = bytes.clone();
        switch (random.nextInt(5)) {
            case 0 -> changed[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> changed[at] = (byte) random.nextInt();
            case 2 -> changed = Arrays.copyOf(bytes, at);
            case 3 -> Arrays.fill(changed, at, at + length, (byte) random.nextInt());
            default -> System.arraycopy(other, 0, changed, at, Math.min(other.length, length));
        }
        return changed;
    }

    private static boolean isRefused(Runnable read) {
        try {
            read.run();
            return false;
        } catch (RequestException e) {
            return true;
        }
    }

    private static RequestBuilder request(String id) {
        return new RequestBuilder(id, "a red circle");
    }

    private static byte[] bytes(String id) {
        return id.getBytes(StandardCharsets.UTF_8);
    }
}
