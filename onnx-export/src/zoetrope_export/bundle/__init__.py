"""The bundle that the Flink job runs: its export, its reading and its golden tensors."""
