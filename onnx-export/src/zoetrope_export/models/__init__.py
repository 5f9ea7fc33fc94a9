"""The networks, and what they are conditioned on."""
