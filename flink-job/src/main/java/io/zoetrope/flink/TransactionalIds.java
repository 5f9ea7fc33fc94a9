package io.zoetrope.flink;

import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import org.apache.commons.codec.digest.DigestUtils;

/** The Kafka transactional ids of a job. */
final class TransactionalIds {
    private static final int DIGEST_LENGTH = 16;

    private TransactionalIds() {}

    /**
     * Returns the prefix of the ids. Two jobs with one prefix fence each other, and both lose answers. So, unless the
     * options name a prefix, it is derived from the group and the topics, which differ between jobs.
     */
    static String prefix(JobConfig config) {
        return config.get(JobOptions.TRANSACTIONAL_ID_PREFIX).orElseGet(() -> {
            String identity = String.join(
                    " ",
                    config.get(JobOptions.GROUP_ID),
                    config.get(JobOptions.PROMPTS_TOPIC),
                    config.get(JobOptions.VIDEOS_TOPIC),
                    config.get(JobOptions.FAILURES_TOPIC));
            // Not one that begins with "zoetrope", the prefix of earlier jobs: Kafka finds transactions by prefix.
            return "job-" + DigestUtils.sha256Hex(identity).substring(0, DIGEST_LENGTH);
        });
    }
}
