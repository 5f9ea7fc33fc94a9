package io.zoetrope.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zoetrope.engine.Engine;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.publish.Video;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests which requests are suspected of having ended the process. The files of dead processes are written by hand. */
class SuspectsTest {
    private final FakeEngine engine = new FakeEngine();
    private final SoloGate gate = new SoloGate(Runnable::run);
    private final List<String> sent = new ArrayList<>();
    private final List<CompletableFuture<Video>> answers = new ArrayList<>();

    @TempDir
    private Path folder;

    @Test
    void aRequestThatRanAtOneDeathRunsTogetherWithOthers() throws Exception {
        died("together", "1");
        try (Suspects slot = open()) {
            run(slot, "1", "2");

            assertThat(sent).containsExactly("1", "2");
        }
    }

    @Test
    void aRequestThatRanAtTwoDeathsRunsAloneBeforeOthers() throws Exception {
        died("together", "1", "2");
        died("together", "1", "2");
        try (Suspects slot = open()) {
            run(slot, "0", "1", "2", "3");
            assertThat(sent).as("a suspect waits for what runs").containsExactly("0");

            answers.get(0).complete(video());
            assertThat(sent).containsExactly("0", "1");
            answers.get(1).complete(video());
            assertThat(sent).containsExactly("0", "1", "2");
            answers.get(2).complete(video());
            assertThat(sent).containsExactly("0", "1", "2", "3");
        }
    }

    @Test
    void anAnswerEndsTheSuspicion() throws Exception {
        died("together", "1");
        died("together", "1");
        died("alone", "1");
        died("alone", "1");
        try (Suspects slot = open()) {
            run(slot, "1");
            answers.get(0).complete(video());
        }

        assertThat(children("deaths")).isEmpty();
    }

    @Test
    void aRequestThatWasAloneAtThreeDeathsFailsUntilItsPromptChanges() throws Exception {
        died("alone", "1");
        died("alone", "1");
        died("alone", "1");
        for (int start = 0; start < 2; start++) {
            try (Suspects slot = open()) {
                assertThatThrownBy(() -> run(slot, "1"))
                        .isInstanceOfSatisfying(
                                RequestException.class,
                                fault -> assertThat(fault.code()).isEqualTo(FailureCode.PROCESS_ENDED))
                        .hasMessageContaining("ended 3 times without an answer");
                run(slot, "2");
            }
        }
        assertThat(sent).containsExactly("2", "2");
    }

    @Test
    void aSlotThatClosesLeavesNoTraceOfWhatItRan() throws Exception {
        try (Suspects slot = open()) {
            run(slot, "1");
            assertThat(children("running")).hasSize(2);
        }

        assertThat(children("running")).isEmpty();
        try (Suspects slot = open()) {
            assertThat(children("deaths")).isEmpty();
            run(slot, "1");
        }
    }

    @Test
    void aSlotOfALivingProcessIsNotDead() throws Exception {
        try (Suspects living = open()) {
            run(living, "1");
            try (Suspects slot = open()) {
                run(slot, "2");
            }
        }

        assertThat(children("deaths")).isEmpty();
    }

    @Test
    void aSuspectThatIsCancelledBeforeItsTurnEndsAtOnceAndIsNotSent() throws Exception {
        died("together", "1");
        died("together", "1");
        try (Suspects slot = open()) {
            run(slot, "0");
            CompletionStage<Video> cancelled = slot.run(event("1"), engine, to -> send(to, "1"));
            run(slot, "2");

            slot.cancel(event -> event.requestId().equals("1"));

            assertThat(cancelled.toCompletableFuture()).isCompletedExceptionally();
            answers.get(0).complete(video());

            assertThat(sent).containsExactly("0", "2");
        }
    }

    @Test
    void anErrorWhileASuspectIsSentFailsItAndStartsTheNextOne() throws Exception {
        died("together", "1");
        died("together", "1");
        try (Suspects slot = open()) {
            run(slot, "0");
            CompletionStage<Video> suspect = slot.run(event("1"), engine, to -> {
                throw new OutOfMemoryError("planted");
            });
            run(slot, "2");

            answers.get(0).complete(video());

            assertThat(suspect.toCompletableFuture()).isCompletedExceptionally();
            assertThat(sent).containsExactly("0", "2");
        }
    }

    @Test
    void aRequestWaitsUntilItCanRun() throws Exception {
        died("together", "1");
        died("together", "1");
        KafkaEvent suspect = event("1");
        try (Suspects slot = open()) {
            run(slot, "0");
            var unused = slot.run(suspect, engine, to -> send(to, "1"));
            assertThat(slot.waits(suspect)).isTrue();

            answers.get(0).complete(video());

            assertThat(slot.waits(suspect)).isFalse();
        }
    }

    private Suspects open() throws IOException {
        return new Suspects(Optional.of(RunningFiles.open(folder)), gate);
    }

    private void run(Suspects slot, String... ids) {
        for (String id : ids) {
            var unused = slot.run(event(id), engine, to -> send(to, id));
        }
    }

    private CompletableFuture<Video> send(Engine to, String id) {
        assertThat(to).isSameAs(engine);
        sent.add(id);
        CompletableFuture<Video> answer = new CompletableFuture<>();
        answers.add(answer);
        return answer;
    }

    private static KafkaEvent event(String id) {
        return new KafkaEvent("prompts", 0, Integer.parseInt(id), null, null, List.of(), id);
    }

    private static Video video() {
        return FakeEngine.video("1", 1, 10);
    }

    private void died(String kind, String... ids) throws IOException {
        Path slot = Files.createDirectories(folder.resolve("running")).resolve("0-0-" + System.nanoTime());
        Files.createDirectory(slot);
        for (String id : ids) {
            String name = DigestUtils.sha256Hex(event(id).position() + " " + id);
            Files.writeString(slot.resolve(name + "." + kind), "");
        }
        RunningFiles.open(folder).close();
    }

    private List<Path> children(String name) throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve(name))) {
            return files.toList();
        }
    }
}
