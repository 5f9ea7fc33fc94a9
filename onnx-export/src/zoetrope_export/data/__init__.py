"""The data: clips of the toy world, their captions and text embeddings, and video files. No network is needed."""
