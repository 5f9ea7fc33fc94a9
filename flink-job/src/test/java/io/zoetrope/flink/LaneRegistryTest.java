package io.zoetrope.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class LaneRegistryTest {
    private final LaneRegistry registry = new LaneRegistry();

    @Test
    void slotsOfOneBundleShareOneEngineUntilTheLastLets() throws Exception {
        var factory = new FakeEngine.Factory("shared");
        var first = registry.acquire(factory);
        var second = registry.acquire(new FakeEngine.Factory("shared"));
        assertThat(second.engine()).isSameAs(first.engine());

        first.close();
        assertThat(factory.opened()).singleElement().matches(engine -> !engine.closed);

        second.close();
        assertThat(factory.opened()).singleElement().matches(engine -> engine.closed);
    }

    @Test
    void aLeaseClosedTwiceCountsOnce() throws Exception {
        var factory = new FakeEngine.Factory("twice");
        var first = registry.acquire(factory);
        var second = registry.acquire(factory);

        first.close();
        first.close();

        assertThat(factory.opened()).singleElement().matches(engine -> !engine.closed);
        second.close();
    }

    @Test
    void bundlesDoNotShare() throws Exception {
        try (var one = registry.acquire(new FakeEngine.Factory("one"));
                var other = registry.acquire(new FakeEngine.Factory("other"))) {
            assertThat(one.engine()).isNotSameAs(other.engine());
        }
    }

    @Test
    void aClosedEngineIsOpenedAnew() throws Exception {
        var factory = new FakeEngine.Factory("again");
        registry.acquire(factory).close();

        try (var lease = registry.acquire(factory)) {
            assertThat(factory.opened()).hasSize(2);
            assertThat(lease.engine()).isSameAs(factory.opened().get(1));
        }
    }

    @Test
    void aFailedOpenIsThrownAndLeavesNothingBehind() throws Exception {
        assertThatThrownBy(() -> registry.acquire(FakeEngine.Factory.broken("recovers")))
                .hasMessage("the device is gone");

        try (var lease = registry.acquire(new FakeEngine.Factory("recovers"))) {
            assertThat(lease.engine()).isNotNull();
        }
    }
}
