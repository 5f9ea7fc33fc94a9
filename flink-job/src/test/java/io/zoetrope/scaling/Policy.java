package io.zoetrope.scaling;

/** A rule that chooses the number of devices from the job's metrics. */
interface Policy {
    /**
     * What an autoscaler reads.
     *
     * @param waiting the prompts that wait: the metric {@code waiting}
     * @param waitingDeviceSeconds the device time that they need: the metric of this name
     * @param busy the devices that the arrivals of the last five minutes keep busy: the rate of {@code demandMs}
     */
    record Metrics(int waiting, double waitingDeviceSeconds, double busy) {}

    /** Returns the number of devices to have. */
    double devices(Metrics metrics);

    /** Returns the name for the report. */
    String name();

    /** Any load gets the same number of devices. */
    record Fixed(int count) implements Policy {
        @Override
        public double devices(Metrics metrics) {
            return count;
        }

        @Override
        public String name() {
            return "fixed, " + count + " devices";
        }
    }

    /** A device for each so many prompts that wait, as autoscalers for Kafka do. */
    record ByRecords(int each) implements Policy {
        @Override
        public double devices(Metrics metrics) {
            return (double) metrics.waiting() / each;
        }

        @Override
        public String name() {
            return "records, a device for each " + each + " waiting";
        }
    }

    /**
     * The devices that the arrivals keep busy, with a margin, and those that work the backlog off in a given time.
     *
     * @param drainSeconds the time in which the backlog is worked off
     */
    record ByDeviceSeconds(int drainSeconds) implements Policy {
        /** The share of their time for which the devices are planned to be busy. */
        static final double UTILIZATION = 0.8;

        @Override
        public double devices(Metrics metrics) {
            return metrics.busy() / UTILIZATION + metrics.waitingDeviceSeconds() / drainSeconds;
        }

        @Override
        public String name() {
            return "device-seconds, backlog worked off in " + drainSeconds + " s";
        }
    }
}
