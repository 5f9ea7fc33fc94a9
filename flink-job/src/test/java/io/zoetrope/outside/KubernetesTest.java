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

/** Tests the manifests of docker/kubernetes against the schemas of their kinds, and against their sources. */
class KubernetesTest {
    private static final String CRD = "/META-INF/fabric8/flinkdeployments.flink.apache.org-v1.yml";
    private static final String OTHER_KINDS = "/kubernetes/schemas.yaml";

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "gpu", "ha", "autoscale"})
    void theOverlayIsValid(String overlay) throws Exception {
        List<JsonNode> resources = render(overlay);

        assertThat(resources)
                .extracting(resource -> resource.get("kind").asText())
                .contains("FlinkDeployment", "KafkaTopic", "PodMonitor", "PrometheusRule", "NetworkPolicy")
                .contains("PodDisruptionBudget", "ServiceAccount", "Role", "RoleBinding");
        assertThat(resources)
                .allSatisfy(resource -> assertThat(faults(resource)).isEmpty());
    }

    @Test
    void plantedFaultsOfADeploymentAreCaught() throws Exception {
        ObjectNode spec = (ObjectNode) deployment(render("cpu")).get("spec");
        spec.put("flinkVersion", "v9_9");
        spec.put("serviceAcount", "zoetrope");
        ((ObjectNode) spec.get("job")).put("parallelism", "2");

        assertThat(deploymentSchema().faults(spec))
                .hasSize(3)
                .anyMatch(fault -> fault.startsWith("/flinkVersion: \"v9_9\" is not one of"))
                .contains("/serviceAcount: there is no such field")
                .contains("/job/parallelism: expected integer, got \"2\"");
    }

    @Test
    void plantedFaultsOfTheOtherKindsAreCaught() throws Exception {
        List<JsonNode> resources = render("cpu");
        ((ObjectNode) one(resources, "NetworkPolicy").get("spec")).put("podSelecter", "all");
        ((ObjectNode) one(resources, "PodDisruptionBudget").get("spec")).put("maxUnavailable", true);
        ((ObjectNode) one(resources, "PodMonitor").at("/spec/podMetricsEndpoints/0")).put("interval", "often");
        ((ObjectNode) one(resources, "PrometheusRule").at("/spec/groups/0/rules/0")).remove("expr");
        ((ObjectNode) one(resources, "KafkaTopic").get("spec")).put("partitions", 0);
        ((ObjectNode) one(resources, "Role").at("/rules/0")).put("verbs", "get");
        ((ObjectNode) one(resources, "RoleBinding")).remove("roleRef");
        ((ObjectNode) one(resources, "ServiceAccount").get("metadata")).put("label", "zoetrope");

        List<String> faults = new ArrayList<>();
        for (JsonNode resource : resources) {
            faults.addAll(faults(resource));
        }
        assertThat(faults)
                .hasSize(8)
                .contains("/spec/podSelecter: there is no such field")
                .contains("/spec/maxUnavailable: expected a number or a string, got true")
                .anyMatch(fault -> fault.startsWith("/spec/podMetricsEndpoints/0/interval: \"often\" does not match"))
                .contains("/spec/groups/0/rules/0: expr is missing")
                .contains("/spec/partitions: 0 is less than 1")
                .contains("/rules/0/verbs: expected array, got \"get\"")
                .contains(": roleRef is missing")
                .contains("/metadata/label: there is no such field");
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "gpu", "ha", "autoscale"})
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

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "gpu", "ha"})
    void onlyATaskManagerIsReadyByItsModel(String overlay) throws Exception {
        JsonNode spec = deployment(render(overlay)).get("spec");

        assertThat(spec.at("/taskManager/podTemplate/spec/containers/0/readinessProbe/exec/command/0")
                        .asText())
                .isEqualTo("healthcheck");
        // The operator could not reach a JobManager that is not ready while its job restarts.
        assertThat(spec.at("/podTemplate/spec/containers/0").has("readinessProbe"))
                .isFalse();
        assertThat(spec.at("/jobManager/podTemplate").isMissingNode()).isTrue();
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
        return one(resources, "FlinkDeployment");
    }

    /** Returns the first resource of a kind. */
    private static JsonNode one(List<JsonNode> resources, String kind) {
        return resources.stream()
                .filter(resource -> resource.get("kind").asText().equals(kind))
                .findFirst()
                .orElseThrow();
    }

    /** Returns what the API server would refuse in a resource. */
    private static List<String> faults(JsonNode resource) throws IOException {
        String kind = resource.get("kind").asText();
        if (kind.equals("FlinkDeployment")) {
            return deploymentSchema().faults(resource.get("spec"));
        }
        String name = resource.get("apiVersion").asText() + "/" + kind;
        JsonNode schemas = yaml(OTHER_KINDS);
        ObjectNode schema = (ObjectNode) Objects.requireNonNull(schemas.get(name), name);
        ((ObjectNode) schema.get("properties")).set("metadata", schemas.get("metadata"));
        return new CrdSchema(schema).faults(resource);
    }

    /** Returns the schema of a deployment's specification. */
    private static CrdSchema deploymentSchema() throws IOException {
        JsonNode spec = yaml(CRD).at("/spec/versions/0/schema/openAPIV3Schema/properties/spec");
        // The newest operator that Maven Central has is older than this version of Flink.
        ((ArrayNode) spec.at("/properties/flinkVersion/enum")).add("v2_3");
        return new CrdSchema(spec);
    }

    private static JsonNode yaml(String resource) throws IOException {
        try (InputStream file = Objects.requireNonNull(KubernetesTest.class.getResourceAsStream(resource), resource)) {
            return new YAMLMapper().readTree(file);
        }
    }
}
