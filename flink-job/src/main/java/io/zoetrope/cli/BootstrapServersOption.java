package io.zoetrope.cli;

import picocli.CommandLine.Option;

/** The option {@code --bootstrap-servers} of the commands that connect to a running Kafka. */
final class BootstrapServersOption {
    /** The address at which the broker of {@code ./zoetrope up} listens, unless it is started with other options. */
    static final String DEFAULT = "127.0.0.1:" + LocalServers.Ports.DEFAULT_BROKER;

    @Option(
            names = "--bootstrap-servers",
            paramLabel = "SERVERS",
            description = "Addresses of Kafka brokers to connect to first, host:port, separated by commas."
                    + " Default: ${DEFAULT-VALUE}.")
    private String value = DEFAULT;

    String value() {
        return value;
    }
}
