package io.zoetrope;

/**
 * How many requests a parallel slot has in flight: as few as keep every device and every encoder of its process busy,
 * and never more than memory allows.
 *
 * <ul>
 *   <li>A device needs the batch that runs and the next, complete when it falls idle; an encoder needs a video in hand
 *       and one ready. A slot may be the only one of its process, so each is given enough for all.
 *   <li>The lanes of a CPU count as one device, or by themselves where they are more than its batch: a run on few cores
 *       gains little from a batch.
 *   <li>All slots may share one process, so each is given its part of the bytes; but one request at least, or nothing
 *       would ever move.
 * </ul>
 *
 * @param batch most requests in a batch
 * @param devices of a process
 * @param cpuLanes of a process, 0 if it does not use its CPU
 * @param encoders videos encoded side by side
 * @param requestBytes most that one request holds
 * @param bytes most that all requests in flight hold
 * @param slots parallel slots of the job
 */
record InFlight(int batch, int devices, int cpuLanes, int encoders, long requestBytes, long bytes, int slots) {
    private static final int RUNNING_AND_NEXT = 2;

    /** Requests for each slot, at least 1. */
    int perSlot() {
        long wanted = RUNNING_AND_NEXT * (Math.max((long) batch * devices, cpuLanes) + encoders);
        long affordable = bytes / requestBytes / slots;
        return (int) Math.max(1, Math.min(wanted, affordable));
    }
}
