package io.zoetrope.kafka;

/**
 * A setting in which a topic differs from the catalog.
 *
 * @param setting the setting's name in Kafka
 * @param actual the value on the cluster
 * @param expected the value in the catalog
 * @param repair the way to make the cluster match
 */
public record Drift(String setting, String actual, String expected, Repair repair) {
    /** The way to repair a drift. */
    public enum Repair {
        /** {@code topics apply} repairs the drift. */
        APPLY,
        /** Kafka cannot remove partitions: create a new topic and migrate to it, or correct the catalog. */
        NEW_TOPIC,
        /** An operator has to reassign replicas with {@code kafka-reassign-partitions}. */
        REASSIGN_REPLICAS
    }

    static Drift of(String setting, int actual, int expected, Repair repair) {
        return new Drift(setting, Integer.toString(actual), Integer.toString(expected), repair);
    }

    boolean repairable() {
        return repair == Repair.APPLY;
    }
}
