"""The import of published models: a checkpoint folder as it lies on the hub becomes a bundle."""
