package io.zoetrope.cli;

import io.zoetrope.flink.LocalCluster;
import picocli.CommandLine.Option;

/** The option {@code --ui-host} of the commands that run until they are stopped. */
final class UiHostOption {
    @Option(
            names = "--ui-host",
            paramLabel = "HOST",
            description = "Address that Flink's web UI and its read-only REST API listen on, such as 0.0.0.0. There is"
                    + " no log-in, so by default only this machine reaches them. Default: ${DEFAULT-VALUE}.")
    private String value = LocalCluster.LOOPBACK;

    String value() {
        return value;
    }
}
