"""From noise to clean latents: seeded noise, velocity fields and the samplers that follow them."""
