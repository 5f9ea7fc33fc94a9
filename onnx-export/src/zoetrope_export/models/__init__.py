"""The networks, and the condition that the generator and the discriminator take."""
