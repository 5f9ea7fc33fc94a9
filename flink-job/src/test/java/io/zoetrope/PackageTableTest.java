package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import io.zoetrope.failure.FailureCode;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests that the code follows the package table, and that each rule of the table detects a planted fault. */
class PackageTableTest {
    private static final PackageTable TABLE = new PackageTable("io.zoetrope");
    private static final JavaClasses CODE = new ClassFileImporter()
            .importUrl(FailureCode.class.getProtectionDomain().getCodeSource().getLocation());

    private static final PackageTable PLANTED_TABLE = new PackageTable("io.zoetrope.planted");
    private static final JavaClasses PLANTED = new ClassFileImporter().importPackages("io.zoetrope.planted");

    private static final Set<String> MAY_IMPORT_EVERYTHING = Set.of("cli");

    static Stream<String> rows() {
        return TABLE.rows().keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("rows")
    void aPackageImportsOnlyWhatItsRowAllows(String row) {
        assertThat(faults(TABLE.rule(row), CODE)).isEmpty();
    }

    /** Also prints the number of cycles. */
    @Test
    void noPackagesFormACycle() {
        List<String> cycles = faults(TABLE.noCycles(), CODE);

        System.out.println("import cycles between packages: " + cycles.size());
        assertThat(cycles).isEmpty();
    }

    @Test
    void everyPackageHasARow() {
        assertThat(withoutRow(TABLE, CODE)).isEmpty();
    }

    @Test
    void everyPackageIsNullMarked() {
        assertThat(notNullMarked(TABLE, CODE)).isEmpty();
    }

    @Test
    void aLaneThatImportsFlinkIsCaught() {
        assertThat(faults(PLANTED_TABLE.rule("lane"), PLANTED))
                .singleElement()
                .asString()
                .contains("LaneImportingFlink", "org.apache.flink.configuration.Configuration");
    }

    @Test
    void aStageThatImportsALaterStageIsCaught() {
        assertThat(faults(PLANTED_TABLE.rule("text"), PLANTED))
                .singleElement()
                .asString()
                .contains("TextImportingDecode");
    }

    @Test
    void aStageMayImportAnEarlierStage() {
        assertThat(faults(PLANTED_TABLE.rule("decode"), PLANTED)).isEmpty();
    }

    @Test
    void anOperatorThatImportsOnnxIsCaught() {
        assertThat(faults(PLANTED_TABLE.rule("flink"), PLANTED))
                .singleElement()
                .asString()
                .contains("OperatorImportingOnnx");
    }

    @Test
    void anEngineThatImportsFlinkIsCaught() {
        assertThat(faults(PLANTED_TABLE.rule("engine"), PLANTED))
                .singleElement()
                .asString()
                .contains("EngineImportingFlink", "org.apache.flink.configuration.Configuration");
    }

    @Test
    void hostingThatImportsTheEngineIsCaught() {
        assertThat(faults(PLANTED_TABLE.rule("hosting"), PLANTED))
                .singleElement()
                .asString()
                .contains("HostingImportingEngine", "EngineImportingFlink");
    }

    @Test
    void wiringThatImportsTheCommandLineIsCaught() {
        assertThat(faults(PLANTED_TABLE.rule(PackageTable.ROOT), PLANTED))
                .singleElement()
                .asString()
                .contains("WiringImportingCommandLine", "planted.cli.Command");
    }

    @Test
    void aModelRuntimeThatImportsKafkaIsCaught() {
        assertThat(faults(PLANTED_TABLE.rule("onnx"), PLANTED))
                .singleElement()
                .asString()
                .contains("SessionImportingKafka", "org.apache.kafka.common.TopicPartition");
    }

    @Test
    void onlyOnePackageImportsEachModelRuntime() {
        assertThat(faults(TABLE.onlyIn("onnx", "ai.onnxruntime.."), CODE)).isEmpty();
        assertThat(faults(TABLE.onlyIn("tensorrt", "org.bytedeco.tensorrt..", "org.bytedeco.cuda.."), CODE))
                .isEmpty();
    }

    @Test
    void aCommandThatImportsAModelRuntimeIsCaught() {
        assertThat(faults(PLANTED_TABLE.onlyIn("tensorrt", "org.bytedeco.tensorrt..", "org.bytedeco.cuda.."), PLANTED))
                .singleElement()
                .asString()
                .contains("CommandImportingTensorRt");
    }

    @Test
    void aCycleIsCaught() {
        assertThat(faults(PLANTED_TABLE.noCycles(), PLANTED))
                .singleElement()
                .asString()
                .contains("Slice decode", "Slice text");
    }

    @Test
    void aPackageWithoutARowIsCaught() {
        assertThat(withoutRow(PLANTED_TABLE, PLANTED)).containsExactly("stray");
    }

    @Test
    void aPackageThatIsNotNullMarkedIsCaught() {
        assertThat(notNullMarked(PLANTED_TABLE, PLANTED)).contains("io.zoetrope.planted.stray");
    }

    private static List<String> faults(ArchRule rule, JavaClasses classes) {
        return rule.evaluate(classes).getFailureReport().getDetails();
    }

    private static List<String> withoutRow(PackageTable table, JavaClasses classes) {
        return packages(table, classes)
                .map(name -> name.substring(table.root().length()).replaceFirst("^\\.", ""))
                .map(name -> name.replaceFirst("\\..*", ""))
                .filter(name -> !table.rows().containsKey(name) && !MAY_IMPORT_EVERYTHING.contains(name))
                .distinct()
                .toList();
    }

    private static List<String> notNullMarked(PackageTable table, JavaClasses classes) {
        return packages(table, classes)
                .filter(name -> {
                    JavaPackage javaPackage = classes.getPackage(name);
                    return javaPackage.tryGetPackageInfo().isEmpty() || !javaPackage.isAnnotatedWith(NullMarked.class);
                })
                .toList();
    }

    private static Stream<String> packages(PackageTable table, JavaClasses classes) {
        return classes.stream()
                .map(javaClass -> javaClass.getPackageName())
                .filter(name -> name.startsWith(table.root()))
                .distinct()
                .sorted();
    }
}
