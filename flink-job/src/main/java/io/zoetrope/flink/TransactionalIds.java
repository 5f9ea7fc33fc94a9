package io.zoetrope.flink;

import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import org.apache.commons.codec.digest.DigestUtils;

/** The Kafka transactional ids of a job. */
final class TransactionalIds {
    private static final int DIGEST_LENGTH = 16;

    private TransactionalIds() {}

    /**
     * Returns the prefix of the ids. Two jobs with one prefix fence each other, and both lose answers. So the prefix is
     * derived from what tells jobs apart, their group and their topics, unless the options name one.
     */
    static String prefix(JobConfig config) {
        return config.get(JobOptions.TRANSACTIONAL_ID_PREFIX).orElseGet(() -> {
            String owner = String.join(
                    " ",
                    config.get(JobOptions.GROUP_ID),
                    config.get(JobOptions.PROMPTS_TOPIC),
                    config.get(JobOptions.VIDEOS_TOPIC),
                    config.get(JobOptions.FAILURES_TOPIC));
            return "zoetrope-" + DigestUtils.sha256Hex(owner).substring(0, DIGEST_LENGTH);
        });
    }
}
