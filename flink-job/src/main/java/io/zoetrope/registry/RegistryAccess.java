package io.zoetrope.registry;

import io.zoetrope.client.KafkaSettings;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import java.io.Serializable;
import java.net.URI;
import java.util.Optional;
import java.util.Properties;

/**
 * How to reach a schema registry.
 *
 * @param url the address of its API, without a slash at its end
 * @param settings the credentials, whose references each process resolves: see {@link KafkaSettings#registry()}
 */
public record RegistryAccess(URI url, Properties settings) implements Serializable {
    /** Returns the registry of a job; empty if the job uses none. */
    public static Optional<RegistryAccess> of(JobConfig config) {
        return config.get(JobOptions.SCHEMA_REGISTRY)
                .map(url -> new RegistryAccess(url, KafkaSettings.of(config).registry()));
    }

    /** Returns the address, without the credentials. */
    @Override
    public String toString() {
        return url.toString();
    }
}
