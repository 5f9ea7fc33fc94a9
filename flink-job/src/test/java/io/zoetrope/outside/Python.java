package io.zoetrope.outside;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A Python interpreter with fastavro: the one that ZOETROPE_PYTHON names, else that of onnx-export, else python3. */
final class Python {
    private static final String CHOICE = "ZOETROPE_PYTHON";

    private Python() {}

    /** Where it is. Where there is none, the test is skipped with the remedy, or fails with it under CI=true. */
    static Path require() {
        return MissingTool.required(Python::require);
    }

    static Path require(Map<String, String> environment) {
        List<Path> candidates = candidates(environment);
        return candidates.stream()
                .filter(Python::hasFastavro)
                .findFirst()
                .orElseThrow(() -> MissingTool.in(
                        environment,
                        "no Python with fastavro, looked at " + candidates
                                + "; ./zoetrope test makes one in onnx-export/.venv, or name another in " + CHOICE));
    }

    private static List<Path> candidates(Map<String, String> environment) {
        String choice = environment.get(CHOICE);
        if (choice != null) {
            return List.of(Path.of(choice));
        }
        return Stream.of(
                        Optional.of(Repository.file("onnx-export/.venv/bin/python")),
                        Tool.onPath("python3", environment))
                .flatMap(Optional::stream)
                .filter(Files::isExecutable)
                .toList();
    }

    private static boolean hasFastavro(Path python) {
        return Files.isExecutable(python)
                && Command.run(Repository.ROOT, python.toString(), "-c", "import fastavro")
                                .exit()
                        == 0;
    }
}
