package io.zoetrope;

import io.zoetrope.config.JobConfig;
import io.zoetrope.config.Setting;
import io.zoetrope.device.DeviceSource;
import io.zoetrope.engine.Engine;
import io.zoetrope.engine.EngineFactory;
import io.zoetrope.engine.EngineGauges;
import io.zoetrope.engine.EngineSet;
import io.zoetrope.flink.LocalCluster;
import io.zoetrope.flink.StateFolder;
import io.zoetrope.prompt.ModelLimits;
import io.zoetrope.prompt.Prompt;
import io.zoetrope.publish.Video;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** A process with a cluster and a job of its own. One prompt ends it, as a fault of native code does. */
final class PoisonProcess {
    /** The text of the prompt that ends the process, a tenth of a second after it starts. */
    static final String POISON = "end the process";

    /** The exit code of that end. */
    static final int EXIT = 71;

    private PoisonProcess() {}

    /** Runs until killed. The arguments are the folder of the state, and the options of the job. */
    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        StateFolder state = StateFolder.of(folder.resolve("state").toString());
        LocalCluster cluster = LocalCluster.start(2, folder.resolve("flink"), 0);
        StreamExecutionEnvironment env = cluster.environment();
        env.configure(state.start(env.getConfiguration(), RecoveryClaimMode.CLAIM));
        JobConfig config = JobConfig.read(
                List.of(
                        new Setting("bundle", "none", "the test"),
                        new Setting("checkpoint-interval", "200 ms", "the test"),
                        new Setting("parallelism", "2", "the test")),
                Optional.empty(),
                Arrays.asList(arguments).subList(1, arguments.length));
        VideoPipeline.assemble(env, config, EngineSet.of(new PoisonEngines()));
        LocalCluster.Job job = cluster.run(env, "poison");
        System.exit(job.result().get().isSuccess() ? 0 : 1);
    }

    /** Engines whose device answers slowly, and whose process a prompt ends. */
    private record PoisonEngines() implements EngineFactory {
        @Override
        public String id() {
            return "poison";
        }

        @Override
        public String digest() {
            return "00".repeat(32);
        }

        @Override
        public ModelLimits limits() {
            return new StubEngines(id()).limits();
        }

        @Override
        public int inFlightPerSlot() {
            return 64;
        }

        @Override
        public Engine open(DeviceSource devices) {
            return new PoisonEngine(new StubEngines(id()).open(devices));
        }
    }

    private record PoisonEngine(Engine healthy) implements Engine {
        @Override
        public CompletionStage<Video> generate(Prompt prompt) {
            if (prompt.text().equals(POISON)) {
                return CompletableFuture.supplyAsync(
                        () -> {
                            Runtime.getRuntime().halt(EXIT);
                            throw new AssertionError();
                        },
                        CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS));
            }
            return healthy.generate(prompt);
        }

        @Override
        public void cancel(CompletionStage<Video> answer) {
            healthy.cancel(answer);
        }

        @Override
        public EngineGauges gauges() {
            return healthy.gauges();
        }

        @Override
        public void close() {
            healthy.close();
        }
    }
}
