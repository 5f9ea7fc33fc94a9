package io.zoetrope.lane;

/** A request or a warm-up that waits in a lane's queue. The thread that removes it from the queue completes it. */
sealed interface Waiter permits Pending, WarmUp {
    Ticket ticket();

    LaneQueue queue();

    /** Completes it with a fault. */
    void fail(Throwable fault);

    /** Completes it as cancelled. */
    void failCancelled();

    /** Ends the wait with a cancellation, if it still waits. */
    default void cancel() {
        if (queue().remove(this)) {
            failCancelled();
        }
    }
}
