package io.zoetrope.chaos;

import io.zoetrope.chaos.job.Plant;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What a run does.
 *
 * @param home the checkout
 * @param folder the folder of the ledger, the logs and all data
 * @param kills the number of SIGKILLs
 * @param others the number of faults of each other kind
 * @param only the kinds of faults to use; empty for all
 * @param requests the least number of requests
 * @param perSecond the number of requests per second
 * @param seed decides the faults and their details
 * @param shippedBundle whether the shipped model answers, or a sleeping device
 * @param plant a planted fault
 * @param soak how long to measure the use of resources after the faults
 */
public record Plan(
        Path home,
        Path folder,
        int kills,
        int others,
        List<String> only,
        int requests,
        double perSecond,
        long seed,
        boolean shippedBundle,
        Plant plant,
        Duration soak) {
    public Plan {
        only = List.copyOf(only);
    }
}
