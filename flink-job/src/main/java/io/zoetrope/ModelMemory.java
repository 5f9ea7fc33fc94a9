package io.zoetrope;

import io.zoetrope.bundle.DigestedFile;
import io.zoetrope.bundle.GraphFile;
import io.zoetrope.bundle.Manifest;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.device.Device;
import io.zoetrope.hosting.LaneOptions;
import io.zoetrope.hosting.Placement;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The memory that one model needs in a process.
 *
 * @param model the model's name
 * @param text the sizes of the text encoder's files, in bytes
 * @param generate the sizes of the files of generators and image encoder, in bytes
 * @param decode the sizes of the decoder's files, in bytes
 * @param requestBytes the most memory that its requests in flight hold, in all slots, in bytes
 * @param deviceBytes the most memory outside the heap that a device keeps, without its lanes, in bytes
 * @param laneBytes the same for each lane, in bytes
 */
record ModelMemory(
        String model,
        Map<String, Long> text,
        Map<String, Long> generate,
        Map<String, Long> decode,
        long requestBytes,
        long deviceBytes,
        long laneBytes)
        implements Serializable {
    /**
     * Returns the memory that a bundle needs.
     *
     * @param need the memory of its requests and lanes
     * @param inFlight the most requests in flight in all slots
     * @throws UncheckedIOException if the size of a file cannot be read
     */
    static ModelMemory of(ModelBundle bundle, MemoryNeed need, int inFlight) {
        Manifest manifest = bundle.manifest();
        return new ModelMemory(
                manifest.name(),
                sizes(bundle, List.of(manifest.textEncoder())),
                sizes(
                        bundle,
                        Stream.concat(manifest.generators().values().stream(), manifest.imageEncoder().stream())
                                .toList()),
                sizes(bundle, List.of(manifest.decoder())),
                inFlight * need.requestBytes(),
                need.deviceBytes(0),
                need.deviceBytes(1) - need.deviceBytes(0));
    }

    private static Map<String, Long> sizes(ModelBundle bundle, Collection<GraphFile> graphs) {
        Map<String, Long> sizes = new HashMap<>();
        for (GraphFile graph : graphs) {
            sizes.put(graph.file().file(), size(bundle, graph.file()));
            graph.externalData().forEach(file -> sizes.put(file.file(), size(bundle, file)));
        }
        return sizes;
    }

    private static long size(ModelBundle bundle, DigestedFile file) {
        try {
            return Files.size(bundle.path(file));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    bundle.path(file) + ": its size cannot be read (" + e
                            + "); check that this user may read the bundle's folder",
                    e);
        }
    }

    /**
     * Returns the size of the files that a device loads, in bytes: what its sessions hold at least. A file that several
     * stages read counts once.
     */
    long fileBytes(Placement placement, Device device) {
        Map<String, Long> files = new HashMap<>();
        if (placement.text().contains(device)) {
            files.putAll(text);
        }
        if (placement.generate().contains(device)) {
            files.putAll(generate);
        }
        if (placement.decode().contains(device)) {
            files.putAll(decode);
        }
        return files.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Returns the most memory of the process that the model needs besides its sessions and the heap, in bytes. */
    long workBytes(Placement placement, LaneOptions lane, int cores) {
        return requestBytes
                + placement.devices().stream()
                        .mapToLong(device -> deviceBytes + lane.lanes(device, cores) * laneBytes)
                        .sum();
    }
}
