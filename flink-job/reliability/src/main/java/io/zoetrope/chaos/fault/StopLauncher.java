package io.zoetrope.chaos.fault;

import io.zoetrope.chaos.job.RunningJob;
import io.zoetrope.chaos.process.JvmProcess;
import io.zoetrope.chaos.process.JvmProcess.Program;
import io.zoetrope.chaos.process.Signal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * The job moves from the cluster into the process of {@code ./zoetrope job}, which ends by a signal, starts again on its
 * state folder, and stops; then the job moves back. The process runs the shipped model.
 */
public final class StopLauncher implements Fault {
    private static final int SECONDS_TO_END = 180;
    private static final int LONGEST_RUN_MILLIS = 4000;

    private final Signal signal;

    /** Creates the fault for a signal: INT is Ctrl-C. */
    public StopLauncher(Signal signal) {
        this.signal = signal;
    }

    @Override
    public String kind() {
        return "launcher-" + signal.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public Strike strike(Target target, Random random) throws Exception {
        RunningJob job = target.job();
        job.stopWithSavepoint();
        try (JvmProcess launcher = launcher(target)) {
            run(target, launcher, random);
            launcher.signal(signal);
            launcher.awaitEnd(SECONDS_TO_END);
            long since = run(target, launcher, random);
            launcher.signal(Signal.TERM);
            int code = launcher.awaitEnd(SECONDS_TO_END);
            if (code != 0) {
                throw new IllegalStateException(
                        "./zoetrope job ended with " + code + " after SIGTERM; see " + launcher.output());
            }
            job.start();
            return new Strike(since, "SIG" + signal);
        }
    }

    /** Runs the job in the launcher until it answers requests, and a little longer. */
    private static long run(Target target, JvmProcess launcher, Random random) throws InterruptedException {
        long start = System.currentTimeMillis();
        launcher.start();
        Recovered.awaitAnswerSentAfter(target, start);
        Thread.sleep(random.nextInt(LONGEST_RUN_MILLIS));
        return start;
    }

    private static JvmProcess launcher(Target target) {
        Path home = target.cluster().layout().home();
        List<String> arguments = new ArrayList<>(List.of("job"));
        arguments.addAll(target.job().spec().options());
        arguments.addAll(List.of(
                "--state-folder",
                target.cluster().layout().disk().resolve("state").toString()));
        return new JvmProcess(
                "launcher",
                target.cluster().layout().folder().resolve("logs"),
                new Program(
                        "io.zoetrope.cli.Zoetrope",
                        List.of("-Dzoetrope.home=" + home),
                        arguments,
                        Map.of("ORT_DISABLE_TELEMETRY", "1", "SVT_LOG", "1")));
    }
}
