package io.zoetrope.outside;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the manifests of docker/kubernetes against the schema of Flink's operator, and against their sources. */
class KubernetesTest {
    private static final String CRD = "/META-INF/fabric8/flinkdeployments.flink.apache.org-v1.yml";

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "gpu", "ha"})
    void theOverlayIsValidForTheOperator(String overlay) throws Exception {
        List<JsonNode> resources = render(overlay);

        assertThat(resources)
                .extracting(resource -> resource.get("kind").asText())
                .contains("FlinkDeployment", "KafkaTopic", "PodMonitor", "PrometheusRule", "NetworkPolicy")
                .contains("PodDisruptionBudget", "ServiceAccount", "Role", "RoleBinding");
        assertThat(schema().faults(deployment(resources).get("spec"))).isEmpty();
    }

    @Test
    void plantedFaultsOfADeploymentAreCaught() throws Exception {
        ObjectNode spec = (ObjectNode) deployment(render("cpu")).get("spec");
        spec.put("flinkVersion", "v9_9");
        spec.put("serviceAcount", "zoetrope");
        ((ObjectNode) spec.get("job")).put("parallelism", "2");

        assertThat(schema().faults(spec))
                .hasSize(3)
                .anyMatch(fault -> fault.startsWith("/flinkVersion: \"v9_9\" is not one of"))
                .contains("/serviceAcount: there is no such field")
                .contains("/job/parallelism: expected integer, got \"2\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "gpu", "ha"})
    void everyContainerRunsWithoutPrivileges(String overlay) throws Exception {
        JsonNode pod = deployment(render(overlay)).at("/spec/podTemplate/spec");
        List<JsonNode> containers = new ArrayList<>();
        pod.path("containers").forEach(containers::add);
        pod.path("initContainers").forEach(containers::add);

        assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
        assertThat(containers).isNotEmpty().allSatisfy(container -> {
            JsonNode rights = container.path("securityContext");
            assertThat(rights.path("readOnlyRootFilesystem").asBoolean()).isTrue();
            assertThat(rights.path("allowPrivilegeEscalation").asBoolean(true)).isFalse();
            assertThat(rights.at("/capabilities/drop/0").asText()).isEqualTo("ALL");
        });
    }

    @Test
    void writtenManifestsAreUpToDate() {
        String python = Tool.PYTHON3.require().toString();

        assertThat(Command.run(Repository.ROOT, python, "docker/kubernetes/generate.py", "--check"))
                .returns("", Command::stdout)
                .returns(0, Command::exit);
    }

    private static List<JsonNode> render(String overlay) throws IOException {
        String folder = "docker/kubernetes/overlays/" + overlay;
        String text = Command.run(Repository.ROOT, Tool.KUBECTL.require().toString(), "kustomize", folder)
                .succeeded()
                .stdout();
        List<JsonNode> resources = new ArrayList<>();
        YAMLMapper yaml = new YAMLMapper();
        yaml.readValues(yaml.getFactory().createParser(text), JsonNode.class).forEachRemaining(resources::add);
        return resources;
    }

    private static JsonNode deployment(List<JsonNode> resources) {
        return resources.stream()
                .filter(resource -> resource.get("kind").asText().equals("FlinkDeployment"))
                .findFirst()
                .orElseThrow();
    }

    /** Returns the schema of a deployment's specification. */
    private static CrdSchema schema() throws IOException {
        try (InputStream crd = Objects.requireNonNull(KubernetesTest.class.getResourceAsStream(CRD), CRD)) {
            JsonNode spec =
                    new YAMLMapper().readTree(crd).at("/spec/versions/0/schema/openAPIV3Schema/properties/spec");
            // The newest operator that Maven Central has is older than this version of Flink.
            ((ArrayNode) spec.at("/properties/flinkVersion/enum")).add("v2_3");
            return new CrdSchema(spec);
        }
    }
}
