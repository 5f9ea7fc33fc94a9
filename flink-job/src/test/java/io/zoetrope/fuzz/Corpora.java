package io.zoetrope.fuzz;

import io.zoetrope.WireCorpus;
import io.zoetrope.bundle.BundleFolder;
import io.zoetrope.bundle.DamagedManifests;
import io.zoetrope.failure.RequestException;
import io.zoetrope.wire.PromptCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The committed inputs of the fuzz targets. */
public final class Corpora {
    private static final Path RESOURCES = Path.of("src/test/resources/io/zoetrope");

    private Corpora() {}

    /** Returns the inputs that a target starts from. */
    public static List<byte[]> of(Class<?> target) throws IOException {
        return switch (target.getSimpleName()) {
            case "WireTarget" -> records();
            case "ImageTarget" -> images();
            case "ManifestTarget" -> manifests();
            case "ConfigTarget" -> files(RESOURCES.resolve("fuzz/config"));
            case "TopicsTarget" -> files(RESOURCES.resolve("fuzz/topics"));
            default -> throw new IllegalArgumentException("no corpus of " + target);
        };
    }

    static List<byte[]> manifests() throws IOException {
        List<byte[]> manifests = new ArrayList<>(files(RESOURCES.resolve("fuzz/manifest")));
        for (Path bundle : List.of(BundleFolder.original(), BundleFolder.withImages(), BundleFolder.faulty())) {
            manifests.add(Files.readAllBytes(bundle.resolve("manifest.json")));
        }
        DamagedManifests.all().forEach(damaged -> manifests.add(damaged.json()));
        return manifests;
    }

    /** Returns the values of records. */
    public static List<byte[]> records() throws IOException {
        List<byte[]> records = new ArrayList<>(files(RESOURCES.resolve("wire/corpus")));
        for (WireCorpus.Entry entry : WireCorpus.read()) {
            if (entry.value() != null) {
                records.add(entry.value());
            }
        }
        return records;
    }

    /** Returns first frames. */
    public static List<byte[]> images() throws IOException {
        List<byte[]> images = new ArrayList<>(files(RESOURCES.resolve("imageio/corpus")));
        for (byte[] record : records()) {
            firstFrame(record).ifPresent(images::add);
        }
        return images;
    }

    private static Optional<byte[]> firstFrame(byte[] record) {
        try {
            return PromptCodec.decode(record).firstFrame().map(Corpora::bytes);
        } catch (RequestException e) {
            return Optional.empty();
        }
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    private static List<byte[]> files(Path folder) throws IOException {
        List<byte[]> contents = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                contents.add(Files.readAllBytes(file));
            }
        }
        return contents;
    }
}
