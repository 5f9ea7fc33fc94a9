package io.zoetrope.chaos.fault;

import java.util.Random;

/** Hundreds of requests at once. */
public final class Burst implements Fault {
    private static final int SMALLEST = 200;
    private static final int LARGEST = 600;

    @Override
    public String kind() {
        return "burst";
    }

    @Override
    public Strike strike(Target target, Random random) {
        int count = SMALLEST + random.nextInt(LARGEST - SMALLEST);
        Strike strike = Strike.now(count + " requests");
        target.load().burst(count);
        return strike;
    }
}
