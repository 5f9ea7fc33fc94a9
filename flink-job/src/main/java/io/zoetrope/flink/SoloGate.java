package io.zoetrope.flink;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Decides which requests of this process run at the same time: a suspect runs alone, all others run together. Suspects
 * go first, one after the other. Without suspects every request starts at once.
 */
final class SoloGate {
    private final Executor starter;
    private final Queue<Runnable> suspects = new ArrayDeque<>();
    private final Queue<Runnable> others = new ArrayDeque<>();
    private int running;
    private boolean solo;

    /**
     * Creates a gate.
     *
     * @param starter starts the requests that had to wait. Not the thread whose request has ended: that may be a lane's,
     *     which must not do slow work for others
     */
    SoloGate(Executor starter) {
        this.starter = starter;
    }

    /** Returns a gate whose thread, {@code suspects}, ends when it has nothing to start. */
    static SoloGate withThread() {
        ThreadPoolExecutor starter =
                new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), start -> {
                    Thread thread = new Thread(start, "suspects");
                    thread.setDaemon(true);
                    return thread;
                });
        starter.allowCoreThreadTimeOut(true);
        return new SoloGate(starter);
    }

    /**
     * Asks for a request to start. Each start needs one {@link #leave}.
     *
     * @return true if the caller has to start it now; otherwise {@code start} runs on another thread later
     */
    boolean enter(boolean alone, Runnable start) {
        synchronized (this) {
            if (!alone && !solo && suspects.isEmpty()) {
                running++;
                return true;
            }
            (alone ? suspects : others).add(start);
        }
        startNext();
        return false;
    }

    /** Notes that a request that was started has ended. */
    void leave() {
        synchronized (this) {
            running--;
        }
        startNext();
    }

    private void startNext() {
        List<Runnable> next = new ArrayList<>();
        synchronized (this) {
            if (running == 0) {
                solo = false;
            }
            if (!solo && suspects.isEmpty()) {
                next.addAll(others);
                others.clear();
            } else if (running == 0) {
                solo = true;
                next.add(suspects.remove());
            }
            running += next.size();
        }
        next.forEach(starter::execute);
    }
}
