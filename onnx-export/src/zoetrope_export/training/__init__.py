"""The training stages, and the loop, schedule and checkpoints that they share."""
