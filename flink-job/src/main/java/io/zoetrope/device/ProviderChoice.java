package io.zoetrope.device;

import java.io.Serializable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The operator's choice of what each stage is computed with.
 *
 * @param text the text encoder's provider
 * @param generate the provider of the generator and the image encoder
 * @param decode the decoder's provider
 */
public record ProviderChoice(Provider text, Provider generate, Provider decode) implements Serializable {
    /** The provider of each stage follows from its device. */
    public static final ProviderChoice AUTO = new ProviderChoice(Provider.AUTO, Provider.AUTO, Provider.AUTO);

    static final String EXPECTED =
            "expected auto, cpu, cuda, tensorrt or tensorrt-engine, or one for each stage, such as"
                    + " generate=tensorrt,decode=cuda";

    private static final List<String> STAGES = List.of("text", "generate", "decode");

    /**
     * Reads one provider for all stages, or pairs such as {@code generate=tensorrt,decode=cuda}; a stage that is not
     * listed has {@link Provider#AUTO}.
     *
     * @throws IllegalArgumentException if the text is neither, or names a stage twice
     */
    public static ProviderChoice parse(String text) {
        if (!text.contains("=")) {
            Provider all = Provider.parse(text);
            return new ProviderChoice(all, all, all);
        }
        Map<String, Provider> pairs = new HashMap<>();
        for (String pair : text.split(",", -1)) {
            String[] parts = pair.split("=", -1);
            String stage = parts[0].strip();
            if (parts.length != 2 || !STAGES.contains(stage)) {
                throw new IllegalArgumentException(EXPECTED + "; the stages are text, generate and decode");
            }
            if (pairs.put(stage, Provider.parse(parts[1])) != null) {
                throw new IllegalArgumentException("expected each stage once, got " + stage + " twice; remove one");
            }
        }
        return new ProviderChoice(of(pairs, "text"), of(pairs, "generate"), of(pairs, "decode"));
    }

    private static Provider of(Map<String, Provider> pairs, String stage) {
        return pairs.getOrDefault(stage, Provider.AUTO);
    }

    /** Returns the text that {@link #parse} reads. */
    @Override
    public String toString() {
        return text == generate && generate == decode
                ? text.toString()
                : "text=" + text + ",generate=" + generate + ",decode=" + decode;
    }
}
