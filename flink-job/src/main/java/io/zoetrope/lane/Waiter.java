package io.zoetrope.lane;

/** Something of a ticket that waits for a device. */
interface Waiter {
    /** Ends the wait, if it still waits. */
    void cancel();
}
