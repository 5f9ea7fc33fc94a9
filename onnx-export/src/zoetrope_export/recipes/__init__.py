"""The presets, which hold the parameters of training, the pipeline of its stages, and the files of a run."""
