package io.zoetrope.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.chaos.fault.Fault;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ScheduleTest {
    @Test
    void aSeedRepeatsTheFaultsAndAnotherSeedDoesNot() {
        assertThat(kinds(20, 1, 7)).isEqualTo(kinds(20, 1, 7)).isNotEqualTo(kinds(20, 1, 8));
    }

    @Test
    void everyKindOfKillIsInTwentyKills() {
        assertThat(kinds(20, 0, 1))
                .hasSize(20)
                .contains("taskmanager-kill", "jobmanager-kill", "broker-kill", "taskmanager-kill-twice", "all-kill");
    }

    @Test
    void thereIsOneStopAndStartOfEachKindForFiveOtherFaults() {
        assertThat(kinds(0, 10, 1))
                .filteredOn("suspend-beyond-transaction"::equals)
                .hasSize(10);
        assertThat(kinds(0, 10, 1)).filteredOn("rescale"::equals).hasSize(2);
        assertThat(kinds(0, 1, 1)).filteredOn("rescale"::equals).hasSize(1);
    }

    @Test
    void onlyTheChosenKindsAreUsed() {
        List<Fault> faults = Schedule.of(5, 1, List.of("broker-kill", "burst"), new Random(1));

        assertThat(faults)
                .extracting(Fault::kind)
                .containsOnly("broker-kill", "burst")
                .hasSize(6);
    }

    private static List<String> kinds(int kills, int others, long seed) {
        return Schedule.of(kills, others, List.of(), new Random(seed)).stream()
                .map(Fault::kind)
                .toList();
    }
}
