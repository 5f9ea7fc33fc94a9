package io.zoetrope;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Computes the number of requests that a slot has in flight: the smallest that keeps every device and every encoder of
 * its process busy, within the limit of memory.
 *
 * <ul>
 *   <li>A device needs two batches: the one that runs, and the next one, complete when the first ends. An encoder needs
 *       two videos: the one that it encodes and the next one. A slot may be the only one of its process, so each slot
 *       gets enough for all devices and encoders.
 *   <li>The lanes of a CPU count as one device. If there are more lanes than requests in a batch, each lane counts as
 *       one request, because on few cores batches of one are nearly as fast.
 *   <li>All slots may be in one process, so each slot gets an equal share of the bytes; but at least one request,
 *       because the job would stop otherwise.
 * </ul>
 *
 * @param batch the largest number of requests in a batch
 * @param devices the number of devices of a process
 * @param cpuLanes the number of CPU lanes of a process, 0 if it does not use its CPU
 * @param encoders the number of videos that are encoded in parallel
 * @param requestBytes the largest memory that one request holds, in bytes
 * @param bytes the largest memory that all requests in flight may hold, in bytes
 * @param slots the number of slots of the job
 */
record InFlight(int batch, int devices, int cpuLanes, int encoders, long requestBytes, long bytes, int slots) {
    private static final int RUNNING_AND_NEXT = 2;

    /** Returns the number of requests per slot, at least 1. */
    int perSlot() {
        long affordable = bytes / requestBytes / slots;
        return (int) Math.max(1, Math.min(needed(), affordable));
    }

    /**
     * Shares the memory of a job among its models: each gets what it needs, and at most an equal part of what those
     * that need less leave.
     *
     * @param models one element for each model, each with the memory of the whole job
     */
    static List<InFlight> share(List<InFlight> models) {
        InFlight[] shared = models.toArray(InFlight[]::new);
        List<Integer> byNeed = IntStream.range(0, shared.length)
                .boxed()
                .sorted(Comparator.comparingLong(i -> shared[i].neededBytes()))
                .toList();
        long left = shared[0].bytes;
        for (int done = 0; done < shared.length; done++) {
            int i = byNeed.get(done);
            long part = Math.min(shared[i].neededBytes(), left / (shared.length - done));
            shared[i] = shared[i].within(part);
            left -= part;
        }
        return List.of(shared);
    }

    private long needed() {
        return RUNNING_AND_NEXT * (Math.max((long) batch * devices, cpuLanes) + encoders);
    }

    private long neededBytes() {
        return needed() * requestBytes * slots;
    }

    private InFlight within(long part) {
        return new InFlight(batch, devices, cpuLanes, encoders, requestBytes, part, slots);
    }
}
