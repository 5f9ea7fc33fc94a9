package io.zoetrope.fair;

import java.io.Serializable;

/**
 * The rules by which tenants share the devices.
 *
 * @param weights the weights of the listed tenants' shares. All tenants that are not listed have one share together,
 *     with the weight of {@code *}, or 1
 * @param quotas the largest numbers of requests in flight of one tenant; no limit if not given
 * @param queueLimits the largest numbers of waiting requests of one tenant; no limit if not given
 */
public record FairRules(PerTenant weights, PerTenant quotas, PerTenant queueLimits) implements Serializable {
    /** Returns the rules by which all tenants have equal shares without limits. */
    public static FairRules equalShares() {
        PerTenant none = PerTenant.parse(PerTenant.NONE);
        return new FairRules(none, none, none);
    }

    boolean hasOwnShare(String tenant) {
        return weights.listed().containsKey(tenant);
    }

    int weight(String tenant) {
        return weights.of(tenant, 1);
    }

    int weightOfOthers() {
        return weights.others(1);
    }

    int quota(String tenant) {
        return quotas.of(tenant, Integer.MAX_VALUE);
    }

    /** Returns the largest number of waiting requests of a tenant. */
    public int queueLimit(String tenant) {
        return queueLimits.of(tenant, Integer.MAX_VALUE);
    }
}
