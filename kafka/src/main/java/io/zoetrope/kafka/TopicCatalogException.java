package io.zoetrope.kafka;

import java.util.List;

/** Thrown for an invalid topics file. The message lists every fault with its values and the remedy. */
public final class TopicCatalogException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TopicCatalogException(String file, List<String> faults) {
        super(file + ": " + faults.size() + (faults.size() == 1 ? " fault" : " faults") + "\n  - "
                + String.join("\n  - ", faults));
    }
}
