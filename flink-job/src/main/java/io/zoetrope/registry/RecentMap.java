package io.zoetrope.registry;

import java.util.LinkedHashMap;
import java.util.Map;

/** A map by schema id that keeps the entries that were used last. */
final class RecentMap<V> extends LinkedHashMap<Integer, V> {
    private static final long serialVersionUID = 1L;

    private final int maxSize;

    RecentMap(int maxSize) {
        super(16, 0.75f, true);
        this.maxSize = maxSize;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<Integer, V> eldest) {
        return size() > maxSize;
    }
}
