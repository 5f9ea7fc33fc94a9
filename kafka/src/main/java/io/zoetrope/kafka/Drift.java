package io.zoetrope.kafka;

/**
 * One setting in which a topic differs from the catalog.
 *
 * @param setting under Kafka's name
 * @param actual what the cluster has
 * @param expected what the catalog says
 * @param repair how the cluster can be made to match
 */
public record Drift(String setting, String actual, String expected, Repair repair) {
    /** What it takes to mend a drift. */
    public enum Repair {
        /** {@code topics apply} does it. */
        APPLY,
        /** Kafka takes no partition from a topic: make another topic and move over, or correct the catalog. */
        NEW_TOPIC,
        /** An operator moves replicas, with {@code kafka-reassign-partitions}. */
        REASSIGN_REPLICAS
    }

    static Drift of(String setting, int actual, int expected, Repair repair) {
        return new Drift(setting, Integer.toString(actual), Integer.toString(expected), repair);
    }

    boolean repairable() {
        return repair == Repair.APPLY;
    }
}
