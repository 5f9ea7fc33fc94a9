"""The toy world's clips, their text and their files: everything that needs no network."""
