package io.zoetrope.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.BundleModel;
import io.zoetrope.buffer.BufferPool;
import io.zoetrope.buffer.TestBuffers;
import io.zoetrope.bundle.BundleFolder;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.device.Device;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.generate.Condition;
import io.zoetrope.generate.LatentShape;
import io.zoetrope.generate.Latents;
import io.zoetrope.lane.Admission;
import io.zoetrope.lane.BatchSizes;
import io.zoetrope.lane.Lane;
import io.zoetrope.lane.LaneClock;
import io.zoetrope.lane.LaneObserver;
import io.zoetrope.lane.LanePort;
import io.zoetrope.lane.LaneRun;
import io.zoetrope.lane.Served;
import io.zoetrope.lane.StageSpec;
import io.zoetrope.lane.Watchdog;
import io.zoetrope.text.TextEmbedding;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Tests that a fault of one request costs its neighbours in the batch nothing, with a real graph that fails in a way
 * that the number of a prompt's tokens chooses; see tiny_bundle.py.
 */
@Timeout(60)
class RealFaultsTest {
    private static final LatentShape SHAPE = new LatentShape(2, 2, 2, 2);
    private static final int THROWS = 6;
    private static final int NAN = 7;
    private static final int OUT_OF_MEMORY_IN_A_BATCH = 8;
    private static final LaneOptions OPTIONS =
            new LaneOptions(1, 1, 4, Duration.ofSeconds(2), Duration.ZERO, FakeModel.LIMITS);
    private static final Duration UNTIL_FULL = Duration.ofMinutes(1);

    private final BufferPool buffers = new BufferPool(1 << 20);
    private final List<Integer> runs = Collections.synchronizedList(new ArrayList<>());
    private final List<Integer> limits = Collections.synchronizedList(new ArrayList<>());
    private final LaneClock clock = LaneClock.system();
    private final Lane lane = Lane.start(
            "test",
            clock,
            new LaneObserver() {
                @Override
                public void ran(LaneRun run) {
                    runs.add(run.batchSize());
                }

                @Override
                public void limited(String name, String stage, Object bucket, int batch) {
                    limits.add(batch);
                }
            },
            Watchdog.off());
    private final HostedStage<SamplingInput, Latents> stage = new HostedStage<>(
            "generate",
            false,
            model -> ModelStages.openGenerate(model, new StageContext(Device.CPU, 1, buffers, OPTIONS)));
    private final LanePort<SamplingInput, Latents> port =
            lane.host(new StageSpec<>("generate", stage, SamplingInput::bucket, new BatchSizes.Fixed(4), UNTIL_FULL));

    @BeforeEach
    void open() {
        BundleModel model = BundleModel.open(ModelBundle.open(BundleFolder.faulty()));
        stage.open(DeviceLanes.tasks(List.of(lane)), model)
                .toCompletableFuture()
                .join();
        model.close();
    }

    @AfterEach
    void nothingIsLeft() {
        lane.close();
        stage.close();
        assertThat(buffers.outstanding()).isZero();
    }

    @Test
    void aRequestWhoseRunThrowsFailsAlone() throws Exception {
        List<CompletableFuture<Served<Latents>>> answers = submit(3, THROWS, 4, 5);

        assertThat(failure(answers.get(1)).code()).isEqualTo(FailureCode.INFERENCE_FAILED);
        assertThat(failure(answers.get(1))).hasMessageContaining("generator.onnx: ONNX Runtime failed with");
        closeAnswers(List.of(answers.get(0), answers.get(2), answers.get(3)));
        assertThat(runs).as("batch sizes").containsExactly(4, 2, 1, 1, 2);
        assertThat(limits).isEmpty();
    }

    @Test
    void aRequestWhoseVelocityIsNotFiniteFailsAlone() throws Exception {
        List<CompletableFuture<Served<Latents>>> answers = submit(3, 4, NAN, 5);

        assertThat(failure(answers.get(2)).code()).isEqualTo(FailureCode.INFERENCE_FAILED);
        assertThat(failure(answers.get(2)))
                .hasMessageContaining("generator.onnx: expected finite numbers in velocity, got 16 of 16 that are not,"
                        + " the first NaN at index 0");
        closeAnswers(List.of(answers.get(0), answers.get(1), answers.get(3)));
        assertThat(runs).as("batch sizes").containsExactly(4, 2, 2, 1, 1);
    }

    @Test
    void aBatchThatDoesNotFitIsHalvedAndTheLaneKeepsTheSmallerSize() throws Exception {
        List<CompletableFuture<Served<Latents>>> answers = submit(OUT_OF_MEMORY_IN_A_BATCH, 3, 4, 5);

        closeAnswers(answers);
        assertThat(runs).as("batch sizes").containsExactly(4, 2, 1, 1, 2);
        assertThat(limits).containsExactly(2, 1);

        runs.clear();
        closeAnswers(submit(OUT_OF_MEMORY_IN_A_BATCH, 3, 4, 5));
        assertThat(runs).as("batch sizes after the fault").containsExactly(1, 1, 1, 1);
    }

    private List<CompletableFuture<Served<Latents>>> submit(int... tokens) throws InterruptedException {
        Admission admission = new Admission(tokens.length, clock);
        List<CompletableFuture<Served<Latents>>> answers = new ArrayList<>();
        for (int length : tokens) {
            TextEmbedding text = new TextEmbedding(TestBuffers.floats(FloatBuffer.allocate(8 * 4)), length, 4);
            answers.add(port.submit(
                            new SamplingInput(Condition.ofText(text), length, 1, SHAPE),
                            admission.enter(length, Optional.empty()))
                    .toCompletableFuture());
        }
        return answers;
    }

    private static RequestException failure(CompletableFuture<Served<Latents>> answer) throws Exception {
        try {
            answer.get(30, TimeUnit.SECONDS).value().close();
        } catch (ExecutionException e) {
            return (RequestException) Objects.requireNonNull(e.getCause());
        }
        throw new AssertionError("the request was answered");
    }

    private static void closeAnswers(List<CompletableFuture<Served<Latents>>> answers) throws Exception {
        for (CompletableFuture<Served<Latents>> answer : answers) {
            Latents latents = answer.get(30, TimeUnit.SECONDS).value();
            for (int i = 0; i < latents.values().limit(); i++) {
                assertThat(latents.values().get(i)).isFinite();
            }
            latents.close();
        }
    }
}
