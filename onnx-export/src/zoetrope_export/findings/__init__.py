"""The papers' ablations as small runs: the change in the recipe, the measurement, and whether our result agrees."""
