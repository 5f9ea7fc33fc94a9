package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class InFlightTest {
    private static final long PLENTY = 1L << 40;

    @Test
    void everyDeviceHasARunningAndAWaitingBatch() {
        assertThat(new InFlight(8, 1, 0, 2, 1, PLENTY, 1).perSlot()).isEqualTo(2 * 8 + 2 * 2);
        assertThat(new InFlight(8, 4, 0, 2, 1, PLENTY, 1).perSlot()).isEqualTo(2 * 8 * 4 + 2 * 2);
    }

    @Test
    void everyCpuLaneHasARunningAndAWaitingRequest() {
        assertThat(new InFlight(8, 1, 4, 2, 1, PLENTY, 1).perSlot()).isEqualTo(2 * 8 + 2 * 2);
        assertThat(new InFlight(8, 1, 64, 2, 1, PLENTY, 1).perSlot()).isEqualTo(2 * 64 + 2 * 2);
    }

    @Test
    void aSlotHasEnoughRequestsEvenIfItIsTheOnlyOneOfItsProcess() {
        assertThat(new InFlight(8, 1, 0, 2, 1, PLENTY, 16).perSlot()).isEqualTo(20);
    }

    @Test
    void slotsTogetherStayWithinTheMemoryLimit() {
        InFlight four = new InFlight(32, 8, 0, 4, 100 << 20, 4L << 30, 4);

        assertThat(four.perSlot()).isEqualTo(10);
        assertThat((long) four.perSlot() * four.slots() * four.requestBytes()).isLessThanOrEqualTo(four.bytes());
    }

    @Test
    void modelsShareTheMemoryAndOneThatNeedsLittleLeavesTheRest() {
        InFlight small = new InFlight(8, 1, 0, 2, 1 << 20, 1L << 30, 2);
        InFlight large = new InFlight(8, 1, 0, 2, 100 << 20, 1L << 30, 2);

        List<InFlight> shared = InFlight.share(List.of(large, small, large));

        assertThat(shared).extracting(InFlight::perSlot).containsExactly(2, 20, 2);
        assertThat(shared.stream().mapToLong(InFlight::bytes).sum()).isLessThanOrEqualTo(1L << 30);
        assertThat(InFlight.share(List.of(large)).get(0).perSlot()).isEqualTo(large.perSlot());
    }

    @Test
    void aSlotHasAtLeastOneRequestOfAnySize() {
        assertThat(new InFlight(8, 1, 0, 2, 1L << 40, 1 << 20, 4).perSlot()).isEqualTo(1);
    }
}
