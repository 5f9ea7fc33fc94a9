"""Sampling, from noise to clean latents: seeded noise, velocity fields, and samplers that integrate them."""
