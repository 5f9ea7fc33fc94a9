package io.zoetrope.kafka;

import java.util.List;

/** A topics file that cannot be used. The message lists every fault, each with its fact, values and remedy. */
public final class TopicCatalogException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TopicCatalogException(String file, List<String> faults) {
        super(file + ": " + faults.size() + (faults.size() == 1 ? " fault" : " faults") + "\n  - "
                + String.join("\n  - ", faults));
    }
}
