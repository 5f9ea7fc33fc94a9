"""The papers' ablations, each repeated small: what changes in the recipe, what is measured, and whether ours agrees."""
