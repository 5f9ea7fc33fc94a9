package io.zoetrope.cli;

import io.zoetrope.config.JobOptions;
import picocli.CommandLine.Option;

/** The options of the commands that read both answer topics. */
final class AnswerTopicsOptions {
    @Option(
            names = "--videos-topic",
            paramLabel = "NAME",
            description = "Topic that video segments are read from. Default: ${DEFAULT-VALUE}.")
    private String videos = JobOptions.DEFAULT_VIDEOS_TOPIC;

    @Option(
            names = "--failures-topic",
            paramLabel = "NAME",
            description = "Topic that failures are read from. Default: ${DEFAULT-VALUE}.")
    private String failures = JobOptions.DEFAULT_FAILURES_TOPIC;

    AnswerReader.Topics value() {
        return new AnswerReader.Topics(videos, failures);
    }
}
