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
 * The resources that all measurements share.
 *
 * @param runSize the number and length of the rounds
 * @param home the root folder of this repository
 * @param bundle the shipped bundle
 * @param broker the broker of all jobs
 * @param python the Python of the environment in which Ray is installed, if there is one
 * @param started the time at which the benchmarks started
 * @param err the stream for progress messages
 */
public record BenchmarkContext(
        RunSize runSize,
        Path home,
        ModelBundle bundle,
        Broker broker,
        Optional<Path> python,
        Instant started,
        PrintStream err) {
    /** Prints a progress message with the seconds since the start. */
    public void log(String message) {
        err.printf("%4d s  %s%n", Duration.between(started, Instant.now()).toSeconds(), message);
    }

    /** Starts a Flink cluster with the given number of slots. */
    public JobCluster startCluster(int slots) throws Exception {
        return JobCluster.start(broker.clients(), bundle.directory(), slots);
    }

    /** Returns the path of a file of this module. */
    public Path file(String name) {
        return home.resolve("flink-job/benchmarks").resolve(name);
    }
}
