package io.zoetrope.tensorrt;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frees native resources, one step after the other. A step that fails is logged, the first one as a warning, and the next ones are
 * still done: after a fault of a GPU every call reports that fault, and whether the GPU still works is found when it is
 * opened again.
 */
final class Closing {
    private static final Logger LOG = LoggerFactory.getLogger(Closing.class);

    private final String name;
    private boolean warned;

    /**
     * Starts a closing.
     *
     * @param name what is closed, for the log
     */
    Closing(String name) {
        this.name = name;
    }

    /** Does a step. */
    Closing then(Runnable step) {
        try {
            step.run();
        } catch (CudaFault | TensorRtFault e) {
            if (warned) {
                LOG.debug("{}: another part could not be freed: {}", name, e.getMessage());
            } else {
                warned = true;
                LOG.warn("{}: a part could not be freed: {}", name, e.getMessage());
            }
        }
        return this;
    }
}
