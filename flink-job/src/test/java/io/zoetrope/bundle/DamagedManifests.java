package io.zoetrope.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The tiny bundle's manifest with one damage each; the damages are those of {@code damaged-manifests.json}. */
public final class DamagedManifests {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path CASES = Path.of("src/test/resources/io/zoetrope/bundle/damaged-manifests.json");

    private DamagedManifests() {}

    /**
     * A damaged manifest.
     *
     * @param damage the field and its value
     * @param json the manifest
     * @param fault the start of the fault
     */
    @SuppressWarnings("ArrayRecordComponent") // compared nowhere
    public record Damaged(String damage, byte[] json, String fault) {
        @Override
        public String toString() {
            return damage;
        }
    }

    /** Returns all of them, in both formats. */
    public static List<Damaged> all() throws IOException {
        byte[] sound = Files.readAllBytes(BundleFolder.original().resolve("manifest.json"));
        List<Damaged> damaged = new ArrayList<>();
        for (JsonNode damage : JSON.readTree(CASES.toFile())) {
            for (JsonNode format : damage.get("formats")) {
                ObjectNode manifest = (ObjectNode) JSON.readTree(sound);
                if (format.asInt() == 2) {
                    asFormat2(manifest);
                }
                set(manifest, damage.get("at").asText(), damage.get("value"));
                damaged.add(new Damaged(
                        format + " " + damage,
                        JSON.writeValueAsBytes(manifest),
                        damage.get("fault").asText()));
            }
        }
        return damaged;
    }

    /** Reads and checks a manifest as {@link ModelBundle#open} does, without the bundle's files. */
    public static List<String> faults(byte[] json) {
        List<String> faults = new ArrayList<>();
        Optional<Manifest> manifest = ManifestReader.read(json, faults);
        if (manifest.isPresent() && faults.isEmpty()) {
            ManifestChecks.check(manifest.get(), faults);
        }
        if (manifest.isPresent() && faults.isEmpty()) {
            TensorSizes.check(manifest.get(), faults);
        }
        return faults.isEmpty() ? faults : new BundleException(Path.of("bundle"), faults).faults();
    }

    /** Makes a manifest of format 1 one of format 2 with the same meaning. */
    static void asFormat2(ObjectNode manifest) {
        manifest.put("format", 2).put("default_steps", 1);
        manifest.withObject("/tokenizer").put("prompt_cleaning", "none");
        manifest.withObject("/generators").set("generator", manifest.remove("generator"));
        for (String graph : List.of("/text_encoder", "/generators/generator", "/decoder")) {
            manifest.withObject(graph).putObject("opsets").put("ai.onnx", 18);
        }
        manifest.withObject("/latents").remove(List.of("frames", "height", "width"));
        ObjectNode video = manifest.withObject("/video");
        ObjectNode size = video.putArray("sizes").addObject();
        size.set("width", video.remove("width"));
        size.set("height", video.remove("height"));
        video.putArray("frame_counts").add(video.remove("frame_count"));
        for (JsonNode sampler : manifest.withArray("/samplers")) {
            ((ObjectNode) sampler).put("kind", "renoise").set("sigmas", sampler.get("timesteps"));
            ArrayNode generators = ((ObjectNode) sampler).putArray("generators");
            sampler.get("timesteps").forEach(pass -> generators.add("generator"));
        }
    }

    private static void set(ObjectNode manifest, String at, JsonNode value) {
        JsonNode parent = manifest.at(at.substring(0, at.lastIndexOf('/')));
        String key = at.substring(at.lastIndexOf('/') + 1);
        ((ObjectNode) parent).set(key, value);
    }
}
