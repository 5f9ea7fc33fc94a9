package io.zoetrope.chaos.cluster;

import java.nio.file.Path;

/**
 * The size and the place of a cluster.
 *
 * @param folder the folder of all data and logs
 * @param home the checkout, whose documented Flink settings apply
 * @param taskManagers the number of TaskManagers, one slot each; one more than the job's parallelism leaves a spare
 *     slot
 * @param shiftedClocks whether the clocks of the TaskManagers can be shifted
 */
public record Layout(Path folder, Path home, int taskManagers, boolean shiftedClocks) {
    Path logs() {
        return folder.resolve("logs");
    }

    /** Returns the folder that checkpoints and savepoints are written to. It can be a file system of its own. */
    public Path disk() {
        return folder.resolve("disk");
    }
}
