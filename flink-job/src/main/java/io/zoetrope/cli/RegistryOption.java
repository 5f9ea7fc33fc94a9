package io.zoetrope.cli;

import io.zoetrope.client.KafkaSettings;
import io.zoetrope.config.JobOptions;
import io.zoetrope.registry.RegistryAccess;
import java.net.URI;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The option of the commands that read answers, for those of a job with a schema registry. */
final class RegistryOption {
    @Option(
            names = "--schema-registry",
            paramLabel = "URL",
            description = "Address of the schema registry, if the job has one. Default: none.")
    private String url = "none";

    /**
     * Returns what decodes records.
     *
     * @param kafka the settings of Kafka's clients, which contain the registry's credentials too
     * @throws UsageException if the address is not one
     */
    RecordReader value(KafkaSettings kafka) {
        try {
            Optional<URI> address = JobOptions.SCHEMA_REGISTRY.type().reader().apply(url);
            return new RecordReader(address.map(each -> new RegistryAccess(each, kafka.registry())));
        } catch (IllegalArgumentException e) {
            throw new UsageException("--schema-registry " + url + ": " + e.getMessage(), e);
        }
    }
}
