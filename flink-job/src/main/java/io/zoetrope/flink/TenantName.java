package io.zoetrope.flink;

import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import io.zoetrope.prompt.PromptRequest;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Where a prompt names its tenant: in a header of its record, or else in a label.
 *
 * @param label the label
 * @param header the header, which wins; null if only the label counts
 */
record TenantName(String label, @Nullable String header) implements Serializable {
    /** The longest part of a name that is kept. Names come from senders. */
    private static final int MAX_LENGTH = 128;

    static TenantName of(JobConfig config) {
        return new TenantName(
                config.get(JobOptions.TENANT_LABEL),
                config.get(JobOptions.TENANT_HEADER).orElse(null));
    }

    /** Returns the name of a prompt's tenant; empty if the prompt names none. */
    String of(KafkaEvent event, PromptRequest request) {
        String name = event.trace().stream()
                .filter(kept -> kept.name().equals(header))
                .reduce((first, last) -> last)
                .map(kept -> new String(kept.value(), StandardCharsets.UTF_8))
                .orElseGet(() -> request.labels().getOrDefault(label, ""));
        return name.length() <= MAX_LENGTH ? name : name.substring(0, MAX_LENGTH);
    }
}
