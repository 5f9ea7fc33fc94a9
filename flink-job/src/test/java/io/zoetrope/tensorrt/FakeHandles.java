package io.zoetrope.tensorrt;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The native objects of a fake: streams, runtimes, engines, contexts, graphs, plans. */
final class FakeHandles {
    /**
     * An object.
     *
     * @param kind its kind
     * @param device the device that it belongs to
     * @param parent the handle of the object that has to outlive it; 0 for none
     * @param value what it stands for
     */
    record Handle(String kind, int device, long parent, Object value) {}

    private final List<String> broken;
    private final Map<Long, Handle> open = new HashMap<>();
    private long next = 100;

    FakeHandles(List<String> broken) {
        this.broken = broken;
    }

    synchronized long create(String kind, int device, long parent, Object value) {
        long handle = next++;
        open.put(handle, new Handle(kind, device, parent, value));
        return handle;
    }

    /** Returns the value of an open object; empty, and a broken promise, if it is not open. */
    synchronized <T> Optional<T> use(String kind, long handle, int device, Class<T> type) {
        Handle found = open.get(handle);
        if (found == null || !found.kind().equals(kind)) {
            broken.add("use after close: " + kind + " " + handle);
            return Optional.empty();
        }
        if (found.device() != device) {
            broken.add(kind + " of device " + found.device() + " is used on a thread that uses device " + device);
        }
        return Optional.of(type.cast(found.value()));
    }

    synchronized void destroy(String kind, long handle) {
        Handle found = open.remove(handle);
        if (found == null || !found.kind().equals(kind)) {
            broken.add("double free: " + kind + " " + handle);
            return;
        }
        open.values().stream()
                .filter(child -> child.parent() == handle)
                .forEach(child -> broken.add("wrong order: " + kind + " is destroyed before its " + child.kind()));
    }

    /** Returns the number of open objects of a kind on a device. */
    synchronized long count(String kind, int device) {
        return open.values().stream()
                .filter(handle -> handle.kind().equals(kind) && handle.device() == device)
                .count();
    }

    Stream<String> leaks() {
        return open.values().stream().map(handle -> "leak: " + handle.kind());
    }
}
