package io.zoetrope.bench;

import io.zoetrope.bench.job.Broker;
import io.zoetrope.bench.job.JobCluster;
import io.zoetrope.bundle.ModelBundle;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What measurements share.
 *
 * @param runSize how much to measure
 * @param home of this repository
 * @param bundle that ships
 * @param broker that all jobs use
 * @param python of the environment that has Ray, if there is one
 * @param begun when the benchmarks began
 * @param err where progress is told
 */
public record BenchmarkContext(
        RunSize runSize,
        Path home,
        ModelBundle bundle,
        Broker broker,
        Optional<Path> python,
        Instant begun,
        PrintStream err) {
    /** Says what is being done, to whoever waits. */
    public void log(String what) {
        err.printf("%4d s  %s%n", Duration.between(begun, Instant.now()).toSeconds(), what);
    }

    /** A cluster with so many slots. */
    public JobCluster startCluster(int slots) throws Exception {
        return JobCluster.start(broker.address(), bundle.directory(), slots);
    }

    /** A file of this module. */
    public Path file(String name) {
        return home.resolve("flink-job/benchmarks").resolve(name);
    }
}
