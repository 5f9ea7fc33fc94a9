"""Measurement of clips against what their prompts asked for, and the report of it."""
