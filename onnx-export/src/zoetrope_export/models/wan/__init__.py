"""The networks of the public Wan models: umT5 text encoder, video transformer, causal 3D autoencoder.

The names of the parameters are those of the published checkpoints, so that a checkpoint loads without renaming.
"""
