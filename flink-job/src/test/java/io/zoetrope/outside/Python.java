package io.zoetrope.outside;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds a Python interpreter with fastavro: the one that ZOETROPE_PYTHON names, else onnx-export's, else python3. */
final class Python {
    private static final String VARIABLE = "ZOETROPE_PYTHON";

    private Python() {}

    /**
     * Returns its path. If there is none, the test is skipped (with CI=true: fails) with a message that says the
     * remedy.
     */
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
                        "no Python with fastavro among " + candidates
                                + "; run ./zoetrope test, which installs it in onnx-export/.venv, or set " + VARIABLE));
    }

    private static List<Path> candidates(Map<String, String> environment) {
        String configured = environment.get(VARIABLE);
        if (configured != null) {
            return List.of(Path.of(configured));
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
