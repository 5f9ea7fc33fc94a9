"""Measurement of clips against their prompts, and its report."""
