package io.zoetrope.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class TopicProvisionerIT {
    @TempDir
    private static Path folder;

    private static EmbeddedBroker broker;
    private static Admin admin;
    private static TopicProvisioner provisioner;

    @BeforeAll
    static void startBroker() {
        broker = EmbeddedBroker.start(folder, EmbeddedBroker.ANY_PORT);
        admin = new Clients(broker.bootstrapServers()).admin();
        provisioner = new TopicProvisioner(admin);
    }

    @AfterAll
    static void stopBroker() {
        admin.close();
        broker.close();
    }

    @Test
    void theShippedCatalogIsCreatedAndThenMatches() {
        TopicCatalog catalog = TopicCatalog.shipped();
        assertThat(provisioner.show(catalog)).noneMatch(TopicStatus::exists);

        List<TopicChange> changes = provisioner.apply(catalog);

        assertThat(changes).extracting(TopicChange::action).containsOnly(TopicChange.Action.CREATED);
        assertThat(provisioner.show(catalog)).allMatch(TopicStatus::matches);
    }

    @Test
    void aSecondApplyChangesNothing() {
        TopicCatalog catalog = catalog("again", 2, 1024);
        provisioner.apply(catalog);

        assertThat(provisioner.apply(catalog))
                .containsExactly(new TopicChange("again", TopicChange.Action.UNCHANGED, List.of(), List.of()));
    }

    @Test
    void driftIsShownThenRepaired() {
        provisioner.apply(catalog("drifting", 2, 1024));
        TopicCatalog changed = catalog("drifting", 3, 2048);
        var partitions = new Drift("partitions", "2", "3", Drift.Repair.APPLY);
        var maxMessageBytes = new Drift("max.message.bytes", "1024", "2048", Drift.Repair.APPLY);

        assertThat(provisioner.show(changed).get(0).drift()).containsExactly(partitions, maxMessageBytes);

        assertThat(provisioner.apply(changed))
                .containsExactly(new TopicChange(
                        "drifting", TopicChange.Action.CHANGED, List.of(partitions, maxMessageBytes), List.of()));
        assertThat(provisioner.show(changed)).allMatch(TopicStatus::matches);
    }

    @Test
    void tooManyPartitionsAreReportedAndLeftUnchanged() {
        provisioner.apply(catalog("wide", 3, 1024));

        TopicChange change = provisioner.apply(catalog("wide", 1, 1024)).get(0);

        assertThat(change.action()).isEqualTo(TopicChange.Action.UNCHANGED);
        assertThat(change.remaining()).containsExactly(new Drift("partitions", "3", "1", Drift.Repair.NEW_TOPIC));
    }

    @Test
    void configsAndTopicsThatTheCatalogDoesNotNameAreLeftAlone() throws Exception {
        var own = new NewTopic("own", 1, (short) 1).configs(Map.of("segment.ms", "12345"));
        var foreign = new NewTopic("foreign", 1, (short) 1);
        admin.createTopics(List.of(own, foreign)).all().get();

        provisioner.apply(catalog("own", 1, 1024));

        assertThat(new ClusterTopics(admin).find(List.of("own")))
                .hasEntrySatisfying(
                        "own",
                        topic -> assertThat(topic.configs())
                                .containsEntry("segment.ms", "12345")
                                .containsEntry("max.message.bytes", "1024"));
        assertThat(admin.listTopics().names().get()).contains("foreign");
    }

    @Test
    void twoConcurrentAppliesBothSucceed() {
        TopicCatalog catalog = catalog("raced", 1, 1024);

        var other = CompletableFuture.supplyAsync(() -> provisioner.apply(catalog));
        provisioner.apply(catalog);
        other.join();

        assertThat(provisioner.show(catalog)).allMatch(TopicStatus::matches);
    }

    @Test
    void aRefusalNamesTheOperationAndTheCause() {
        var tooMany = new TopicSpec(
                "tripled", 1, OptionalInt.of(3), "delete", Duration.ofDays(1), 1024, "CreateTime", "producer");

        assertThatThrownBy(() -> provisioner.apply(new TopicCatalog(List.of(tooMany))))
                .isInstanceOf(ProvisioningException.class)
                .hasMessageStartingWith("topics: could not create tripled: ")
                .hasMessageContaining("replication factor");
    }

    @Test
    void aClusterThatDoesNotAnswerIsAnErrorThatSaysSo() {
        Map<String, Object> unreachable = Map.of(
                "bootstrap.servers", "127.0.0.1:1",
                "default.api.timeout.ms", 500,
                "request.timeout.ms", 500);
        try (Admin unreachableAdmin = Admin.create(unreachable)) {
            var offline = new TopicProvisioner(unreachableAdmin);

            assertThatThrownBy(() -> offline.show(TopicCatalog.shipped()))
                    .isInstanceOf(ProvisioningException.class)
                    .hasMessageStartingWith("topics: could not list the topics: ")
                    .hasMessageEndingWith("check that the cluster is up and that this client is authorized");
        }
    }

    private static TopicCatalog catalog(String name, int partitions, int maxMessageBytes) {
        return new TopicCatalog(List.of(new TopicSpec(
                name,
                partitions,
                OptionalInt.empty(),
                "delete",
                Duration.ofDays(1),
                maxMessageBytes,
                "CreateTime",
                "producer")));
    }
}
