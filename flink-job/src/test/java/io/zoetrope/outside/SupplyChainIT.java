package io.zoetrope.outside;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.bytedeco.ffmpeg.global.avutil;
import org.junit.jupiter.api.Test;

/** Tests what ships with the job: no library with a known fault, and each with the licence that the papers state. */
class SupplyChainIT {
    @Test
    void noLibraryHasAKnownFault() throws Exception {
        List<String> faults = new ArrayList<>();
        for (JsonNode component : components()) {
            faults.addAll(
                    faults(Advisory.library(component), component.get("version").asText()));
        }
        assertThat(faults).isEmpty();
    }

    @Test
    void aPlantedOldLibraryIsCaught() throws Exception {
        assertThat(faults("org.apache.kafka:kafka-clients", "4.1.1"))
                .hasSize(1)
                .allMatch(fault -> fault.contains("CVE-2026-35554"));
        assertThat(faults("org.apache.avro:avro", "1.11.3")).hasSize(1);
        assertThat(faults("org.lz4:lz4-java", "1.8.0")).hasSize(1);
        assertThat(faults("org.apache.flink:flink-shaded-netty", "4.2.3.Final-21.0"))
                .hasSize(1);
        assertThat(faults("org.apache.avro:avro", "1.11.4")).isEmpty();
    }

    @Test
    void theLicenceOfEveryLibraryIsTold() throws Exception {
        SortedMap<String, String> rows = new TreeMap<>();
        for (JsonNode component : components()) {
            if (!component.get("group").asText().equals("io.zoetrope")) {
                rows.put(Advisory.library(component), licences(component));
            }
        }
        List<String> table = new ArrayList<>();
        rows.forEach((library, licence) -> table.add("| `" + library + "` | " + licence + " |"));

        assertThat(Files.readAllLines(Repository.file("THIRD-PARTY.md")).stream()
                        .filter(line -> line.startsWith("| `")))
                .as("the table of THIRD-PARTY.md; expected:\n" + String.join("\n", table))
                .containsExactlyElementsOf(table);
    }

    @Test
    void theNativesOfFfmpegHaveTheLicenceThatTheNoticeStates() throws Exception {
        assertThat(avutil.avutil_license().getString()).isEqualTo("LGPL version 3 or later");
        assertThat(avutil.avutil_configuration().getString()).doesNotContain("--enable-gpl", "--enable-nonfree");
        assertThat(Files.readString(Repository.file("NOTICE")))
                .contains("FFmpeg 8.0.1")
                .containsPattern("Lesser General Public\\s+License, version 3 or later");
    }

    @Test
    void theJarCarriesItsLicences() throws Exception {
        try (JarFile jar =
                new JarFile(Repository.file("flink-job/target/flink-job.jar").toFile())) {
            assertThat(Stream.of("LICENSE", "NOTICE", "THIRD-PARTY.md").map(name -> jar.getEntry("META-INF/" + name)))
                    .doesNotContainNull();
        }
    }

    private static List<String> faults(String library, String version) throws IOException {
        return Advisory.all().stream()
                .filter(advisory -> advisory.concerns(library, version) && advisory.accepted() == null)
                .map(advisory -> library + " " + version + ": " + advisory.id() + ", see " + advisory.source())
                .toList();
    }

    private static JsonNode components() throws IOException {
        JsonNode components = new ObjectMapper()
                .readTree(Repository.file("flink-job/target/bom.json").toFile())
                .get("components");
        assertThat(components).as("the libraries of the bill of materials").hasSizeGreaterThan(50);
        return components;
    }

    private static String licences(JsonNode component) {
        List<String> licences = new ArrayList<>();
        for (JsonNode choice : component.get("licenses")) {
            JsonNode licence = choice.path("license");
            licences.add(licence.path("id")
                    .asText(licence.path("name")
                            .asText(choice.path("expression").asText())));
        }
        return String.join(" or ", licences);
    }
}
