package io.zoetrope.lane;

import java.util.concurrent.RejectedExecutionException;

/**
 * The refusal of a lane that was taken out of use because its runs hung, or its device failed, again and again. A
 * {@link Dispatch} moves the request to another lane; a request that fails with this exception found no lane left.
 */
public final class LaneOutException extends RejectedExecutionException {
    private static final long serialVersionUID = 1L;

    LaneOutException(String lane, String reason) {
        super("lane " + lane + " was taken out of use: " + reason
                + "; if no other lane is left, the model has to be opened again");
    }
}
