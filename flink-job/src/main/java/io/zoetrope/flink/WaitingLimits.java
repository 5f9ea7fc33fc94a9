package io.zoetrope.flink;

import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import io.zoetrope.fair.FairRules;
import java.io.Serializable;

/**
 * How prompts wait in one slot of the job. The slots share the job's limits equally.
 *
 * @param tenant where a prompt names its tenant
 * @param rules the shares and the limits of the tenants
 * @param maxPrompts the largest number of prompts that wait in the slot
 * @param maxBytes the largest size of the prompts that wait in the slot
 * @param slots the number of slots of the job
 */
public record WaitingLimits(TenantName tenant, FairRules rules, int maxPrompts, long maxBytes, int slots)
        implements Serializable {
    /** Reads the limits from the job's options. */
    public static WaitingLimits of(JobConfig config) {
        int slots = config.get(JobOptions.PARALLELISM);
        return new WaitingLimits(
                TenantName.of(config),
                new FairRules(
                        config.get(JobOptions.TENANT_WEIGHTS),
                        config.get(JobOptions.TENANT_QUOTAS),
                        config.get(JobOptions.TENANT_QUEUE_LIMITS)),
                Math.max(1, config.get(JobOptions.WAITING_PROMPTS) / slots),
                config.get(JobOptions.WAITING_BYTES).bytes() / slots,
                slots);
    }

    /** Returns the largest number of a tenant's prompts that wait in the slot: its part of the job's limit, at least 1. */
    long queueLimit(String tenant) {
        return ((long) rules.queueLimit(tenant) + slots - 1) / slots;
    }
}
