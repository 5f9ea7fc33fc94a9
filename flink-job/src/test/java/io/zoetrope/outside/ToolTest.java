package io.zoetrope.outside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

class ToolTest {
    private static final String REMEDY =
            "chromedriver is not on the PATH; install it with: sudo apt-get install chromium-driver";

    @TempDir
    private Path folder;

    @Test
    void aToolIsFoundOnThePath() throws Exception {
        Path kcat = program("kcat", "exit 0");

        assertThat(Tool.KCAT.require(Map.of("PATH", "/nowhere:" + folder))).isEqualTo(kcat);
    }

    @Test
    void aFileThatIsNotExecutableIsNotATool() throws Exception {
        Files.createFile(folder.resolve("kcat"));
        Files.createDirectory(folder.resolve("ffmpeg"));

        assertThat(Tool.onPath("kcat", path())).isEmpty();
        assertThat(Tool.onPath("ffmpeg", path())).isEmpty();
    }

    @Test
    void aMissingToolSkipsTheTestWithTheInstallCommand() {
        assertThatThrownBy(() -> Tool.CHROMEDRIVER.require(path()))
                .isInstanceOf(TestAbortedException.class)
                .hasMessage(REMEDY);
    }

    @Test
    void aMissingToolFailsTheTestInCi() {
        assertThatThrownBy(() -> Tool.CHROMEDRIVER.require(Map.of("PATH", folder.toString(), "CI", "true")))
                .isNotInstanceOf(TestAbortedException.class)
                .hasMessage(REMEDY + " (with CI=true this test must not be skipped)");
    }

    @Test
    void theConfiguredPythonIsUsed() throws Exception {
        Path python = program("python", "exit 0");

        assertThat(Python.require(Map.of("ZOETROPE_PYTHON", python.toString()))).isEqualTo(python);
    }

    @Test
    void aPythonWithoutFastavroIsNotUsed() throws Exception {
        Path python = program("python", "exit 1");

        assertThatThrownBy(() -> Python.require(Map.of("ZOETROPE_PYTHON", python.toString())))
                .isInstanceOf(TestAbortedException.class)
                .hasMessage("no Python with fastavro among [" + python + "]; run ./zoetrope test, which installs it in"
                        + " onnx-export/.venv, or set ZOETROPE_PYTHON");
    }

    private Map<String, String> path() {
        return Map.of("PATH", folder.toString());
    }

    private Path program(String name, String script) throws Exception {
        Path file = Files.writeString(folder.resolve(name), "#!/bin/sh\n" + script + "\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
