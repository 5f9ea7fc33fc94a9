package io.zoetrope.outside;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The client in Go, built from docs/clients/go with the libraries that Debian packages, without the network. */
final class GoClient {
    private static final Path LIBRARIES = Path.of("/usr/share/gocode");
    private static final List<String> PACKAGES =
            List.of("golang-github-confluentinc-confluent-kafka-go-dev", "golang-github-linkedin-goavro-dev");
    private static final List<String> FILES = List.of("go.mod", "main.go");

    private GoClient() {}

    /** Builds the client in a folder, and returns the program. Skips the test (with CI=true: fails it) without Go. */
    static Path build(Path folder) throws IOException {
        Tool.GO.require();
        MissingTool.required(environment -> {
            for (String library : List.of("confluentinc/confluent-kafka-go", "linkedin/goavro")) {
                if (!Files.isDirectory(LIBRARIES.resolve("src/github.com").resolve(library))) {
                    throw MissingTool.in(
                            environment,
                            library + " is not installed; install it with: sudo apt-get install librdkafka-dev "
                                    + String.join(" ", PACKAGES));
                }
            }
            return LIBRARIES;
        });
        // Debian's libraries are for builds by GOPATH. There, a path with /v2 is found for code with a go.mod only.
        Path sources = Files.createDirectories(folder.resolve("gopath/src/zoetrope-client"));
        FILES.forEach(file -> copy(file, sources));
        Path program = folder.resolve("zoetrope-go-client");
        Command.run(
                        folder,
                        "env",
                        "GO111MODULE=off",
                        "GOPROXY=off",
                        "GOFLAGS=",
                        "GOPATH=" + folder.resolve("gopath") + ":" + LIBRARIES,
                        "GOCACHE=" + folder.resolve("gocache"),
                        "go",
                        "build",
                        "-o",
                        program.toString(),
                        "zoetrope-client")
                .succeeded();
        return program;
    }

    private static void copy(String file, Path folder) {
        try {
            Files.copy(Repository.file("docs/clients/go/" + file), folder.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
