"""The bundle that the Flink job runs: export to it, inference with it in Python, and its golden tensors."""
