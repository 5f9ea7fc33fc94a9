package io.zoetrope.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests docs/asyncapi.json: that it is what the schemas and the topics file say, and that it is AsyncAPI 3. */
class AsyncApiTest {
    private static final Path DOCUMENT = Repository.file("docs/asyncapi.json");
    private static final String PARSER = "@asyncapi/parser@3.6.3";
    private static final String AVRO_PARSER = "@asyncapi/avro-schema-parser@3.0.24";

    @Test
    void theDocumentIsUpToDate() {
        String python = Tool.PYTHON3.require().toString();

        assertThat(Command.run(Repository.ROOT, python, "schemas/asyncapi.py", "--check"))
                .returns("", Command::stdout)
                .returns(0, Command::exit);
    }

    /** Reads the document with the reference parser, which also reads the Avro schemas in it. */
    @Test
    @Tag("slow")
    void theReferenceParserAcceptsTheDocumentAndRefusesPlantedFaults(@TempDir Path folder) throws IOException {
        Tool.NODE.require();
        Files.writeString(folder.resolve("parse.mjs"), Script.read("asyncapi.mjs"));
        Command.run(
                        folder,
                        Tool.NPM.require().toString(),
                        "install",
                        "--no-save",
                        "--no-audit",
                        "--no-fund",
                        "--ignore-scripts",
                        PARSER,
                        AVRO_PARSER)
                .succeeded();

        assertThat(parse(folder, Files.readString(DOCUMENT)).stdout())
                .isEqualTo("zoetrope.failures zoetrope.prompts zoetrope.videos\n");
        for (String fault : new String[] {"\"receive\"", "#/channels/zoetrope.videos\"", "\"type\": \"record\""}) {
            String planted = Files.readString(DOCUMENT).replaceFirst(fault, "\"planted\"");
            assertThat(parse(folder, planted).exit()).as(fault).isEqualTo(1);
        }
    }

    private static Command parse(Path folder, String document) throws IOException {
        Path file = Files.writeString(folder.resolve("asyncapi.json"), document);
        return Command.run(folder, "node", "parse.mjs", file.toString());
    }
}
