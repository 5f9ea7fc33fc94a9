"""Zoetrope's model: defined, trained, measured and exported here; served by the Flink job."""
