package io.zoetrope;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.lang.ArchRule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Which package may import what. The stages know only the stages before them; Flink and the model runtimes meet in the
 * root package and the command line alone, which may import everything and so have no row.
 *
 * @param root the package in which all rows lie: {@code io.zoetrope}, or that of the planted faults
 */
record PackageTable(String root) {
    /** In the order of the flow: each may import those before it. */
    private static final List<String> STAGES =
            List.of("prompt", "text", "image", "generate", "decode", "encode", "publish");

    private static final String[] EVERYWHERE = {"java..", "javax..", "org.jspecify.annotations.."};
    private static final String LOGGING = "org.slf4j..";
    private static final String JACKSON = "com.fasterxml.jackson..";

    /** Each package, with all that it may import beside the JDK and itself. */
    Map<String, List<String>> rows() {
        var rows = new LinkedHashMap<String, List<String>>();
        rows.put("failure", List.of());
        rows.put("buffer", List.of());
        for (int i = 0; i < STAGES.size(); i++) {
            rows.put(STAGES.get(i), ours("failure", and(STAGES.subList(0, i), "buffer")));
        }
        rows.put("lane", List.of());
        rows.put("device", List.of());
        // Protobuf, for an ONNX file says in protobuf which other files it would open.
        rows.put("bundle", List.of(JACKSON, "com.google.protobuf.."));
        rows.put("config", and(ours("device", List.of()), JACKSON));
        rows.put("djl", adapter("ai.djl.."));
        rows.put("imageio", adapter());
        rows.put("onnx", adapter("ai.onnxruntime.."));
        rows.put("tensorrt", adapter());
        rows.put("ffmpeg", adapter("org.bytedeco.."));
        // A video is made of segments: who reads one knows the other.
        rows.put(
                "wire",
                and(
                        ours("failure", List.of("prompt", "encode", "publish")),
                        "io.zoetrope.schema..",
                        "org.apache.avro.."));
        rows.put(
                "flink",
                and(
                        ours("failure", and(STAGES, "lane", "device", "config", "wire")),
                        "org.apache.flink..",
                        // What the connector's deserializer and serializer are given.
                        "org.apache.kafka.clients..",
                        "org.apache.kafka.common..",
                        LOGGING));
        return rows;
    }

    /** That a package imports only what its row allows. */
    ArchRule rule(String name) {
        String[] allowed = Stream.of(Stream.of(EVERYWHERE), rows().getOrDefault(name, List.of()).stream(), own(name))
                .flatMap(patterns -> patterns)
                .toArray(String[]::new);
        return classes()
                .that()
                .resideInAPackage(root + "." + name + "..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(allowed)
                .allowEmptyShould(true);
    }

    /** That no packages import each other, directly or on a way around. */
    ArchRule noCycles() {
        return slices().matching(root + ".(*)..").should().beFreeOfCycles();
    }

    private Stream<String> own(String name) {
        return Stream.of(root + "." + name + "..");
    }

    private List<String> adapter(String... libraries) {
        return and(and(ours("failure", and(STAGES, "bundle", "buffer")), libraries), LOGGING);
    }

    private List<String> ours(String first, List<String> more) {
        return Stream.concat(Stream.of(first), more.stream())
                .map(name -> root + "." + name + "..")
                .toList();
    }

    private static List<String> and(List<String> some, String... more) {
        return Stream.concat(some.stream(), Stream.of(more)).toList();
    }
}
