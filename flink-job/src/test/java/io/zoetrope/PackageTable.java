package io.zoetrope;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.lang.ArchRule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The allowed imports of each package. A stage imports only earlier stages. Only two packages import both Flink and the
 * model runtimes: the root package, which wires the job, and the command line. The command line may import everything
 * and therefore has no row.
 *
 * @param root the parent package of all rows: {@code io.zoetrope}, or the package of the planted faults
 */
record PackageTable(String root) {
    /** The stages in the order of the flow. Each stage may import the stages before it. */
    private static final List<String> STAGES =
            List.of("prompt", "text", "image", "generate", "decode", "encode", "publish");

    /** The name of the root package's row. */
    static final String ROOT = "";

    private static final String[] EVERYWHERE = {"java..", "javax..", "org.jspecify.annotations.."};
    private static final String LOGGING = "org.slf4j..";
    private static final String COMMONS_CODEC = "org.apache.commons.codec..";
    /** The part of the JDK that knows the memory of the machine. */
    private static final String MACHINE = "com.sun.management..";

    private static final String JACKSON = "com.fasterxml.jackson..";

    /** Returns the packages that each package may import, in addition to the JDK and itself. */
    Map<String, List<String>> rows() {
        var rows = new LinkedHashMap<String, List<String>>();
        rows.put("failure", List.of());
        rows.put("buffer", List.of());
        for (int i = 0; i < STAGES.size(); i++) {
            rows.put(STAGES.get(i), ours("failure", and(STAGES.subList(0, i), "buffer")));
        }
        // The seed is derived from the request id with SHA-256.
        rows.computeIfPresent("prompt", (name, allowed) -> and(allowed, COMMONS_CODEC));
        rows.put("natives", List.of());
        rows.put("lane", List.of());
        rows.put("device", List.of());
        rows.put("fair", List.of());
        rows.put("rollout", List.of());
        // The package parses ONNX files as protobuf, to find the other files that ONNX Runtime would open.
        rows.put("bundle", List.of(JACKSON, COMMONS_CODEC, "com.google.protobuf.."));
        rows.put("config", and(ours("device", List.of("encode", "fair")), JACKSON));
        rows.put("client", List.of(own("config"), "org.apache.kafka.clients..", "org.apache.kafka.common.."));
        // The package changes tokenizer.json before the library reads it.
        // The cleaning of prompts resolves HTML character references.
        rows.put("djl", adapter("ai.djl..", JACKSON, "org.jsoup.."));
        rows.put("imageio", adapter());
        // The package computes the options of GPU providers from the operator's.
        rows.put("onnx", and(adapter("ai.onnxruntime.."), own("device")));
        rows.put("ffmpeg", adapter("org.bytedeco.ffmpeg..", "org.bytedeco.javacpp.."));
        rows.put(
                "tensorrt",
                and(
                        adapter("org.bytedeco.tensorrt..", "org.bytedeco.cuda..", "org.bytedeco.javacpp.."),
                        own("device")));
        // A video consists of segments, so the package needs publish and encode.
        rows.put(
                "wire",
                and(
                        ours("failure", List.of("prompt", "encode", "publish")),
                        "io.zoetrope.schema..",
                        "org.apache.avro..",
                        COMMONS_CODEC));
        // The registry's API is JSON. The credentials may refer to secrets, which Kafka's classes resolve.
        rows.put(
                "registry",
                and(ours("client", List.of("config", "wire")), JACKSON, "org.apache.kafka.common..", LOGGING));
        rows.put("hosting", and(ours("failure", and(STAGES, "lane", "device", "buffer", "bundle")), LOGGING));
        rows.put("engine", ours("failure", and(STAGES, "lane", "device", "buffer", "bundle", "hosting", "rollout")));
        rows.put(
                "flink",
                and(
                        ours(
                                "failure",
                                and(
                                        STAGES,
                                        "device",
                                        "fair",
                                        "config",
                                        "client",
                                        "wire",
                                        "registry",
                                        "engine",
                                        "rollout")),
                        "org.apache.flink..",
                        // The deserializer and the serializer of the Kafka connector have parameters of these types.
                        "org.apache.kafka.clients..",
                        "org.apache.kafka.common..",
                        COMMONS_CODEC,
                        LOGGING));
        // The wiring imports every package but the command line.
        rows.put(
                ROOT,
                Stream.concat(ours(List.copyOf(rows.keySet())), Stream.of("org.apache.flink..", LOGGING, MACHINE))
                        .toList());
        return rows;
    }

    /** Returns the rule that a package imports only the packages in its row. */
    ArchRule rule(String name) {
        String[] allowed = Stream.of(
                        Stream.of(EVERYWHERE), rows().getOrDefault(name, List.of()).stream(), Stream.of(own(name)))
                .flatMap(patterns -> patterns)
                .toArray(String[]::new);
        return classes()
                .that()
                .resideInAPackage(own(name))
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(allowed)
                .allowEmptyShould(true);
    }

    /** Returns the rule that only one package imports a library; it also holds for the command line. */
    ArchRule onlyIn(String name, String... library) {
        return noClasses()
                .that()
                .resideInAPackage(root + "..")
                .and()
                .resideOutsideOfPackage(own(name))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(library);
    }

    /** Returns the rule that no packages import each other, directly or through other packages. */
    ArchRule noCycles() {
        return slices().matching(root + ".(*)..").should().beFreeOfCycles();
    }

    private String own(String name) {
        return name.equals(ROOT) ? root : root + "." + name + "..";
    }

    private List<String> adapter(String... libraries) {
        return and(and(ours("failure", and(STAGES, "bundle", "buffer", "natives")), libraries), LOGGING);
    }

    private List<String> ours(String first, List<String> more) {
        return ours(and(List.of(first), more.toArray(String[]::new))).toList();
    }

    private Stream<String> ours(List<String> names) {
        return names.stream().map(this::own);
    }

    private static List<String> and(List<String> some, String... more) {
        return Stream.concat(some.stream(), Stream.of(more)).toList();
    }
}
