package io.zoetrope.chaos;

import io.zoetrope.chaos.job.Plant;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The conditions of a run.
 *
 * @param home the checkout
 * @param folder the folder of the ledger, the logs and all data
 * @param requests the least number of requests
 * @param perSecond the number of requests per second
 * @param seed decides the details of the faults
 * @param shippedBundle whether the shipped model answers, or a sleeping device
 * @param plant a planted fault
 * @param spacing the least time between faults
 * @param soak how long to measure the use of resources after the faults
 * @param limit the time after which no further fault is caused
 */
public record Plan(
        Path home,
        Path folder,
        int requests,
        double perSecond,
        long seed,
        boolean shippedBundle,
        Plant plant,
        Duration spacing,
        Duration soak,
        Duration limit) {}
