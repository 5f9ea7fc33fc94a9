"""What is trained in which order with which numbers: presets, the pipeline of stages, and what a run leaves."""
