"""Velocity fields for the samplers: a generator under a condition, with or without guidance."""

from __future__ import annotations

import torch

from zoetrope_export.models.condition import Condition, concatenated
from zoetrope_export.models.mmdit import Mmdit
from zoetrope_export.sampling.samplers import Velocity, expand


def velocity(model: Mmdit, x: torch.Tensor, t: torch.Tensor, condition: Condition) -> torch.Tensor:
    """Returns v(x_t, t, condition) of x [B, C, T, H, W] at t [B]."""
    text = condition.text
    return model(x, t, text.embedding, text.mask, condition.first_frame, condition.first_frame_mask)


def predict_clean(model: Mmdit, x: torch.Tensor, t: torch.Tensor, condition: Condition) -> torch.Tensor:
    """Returns the clean sample that a straight flow reaches from x_t: x - t v(x, t). At t = 0 it is x."""
    return x - expand(t) * velocity(model, x, t, condition)


def velocity_field(model: Mmdit, condition: Condition) -> Velocity:
    """Returns the velocity field under a condition."""

    def field(x: torch.Tensor, t: float | torch.Tensor) -> torch.Tensor:
        return velocity(model, x, torch.as_tensor(t, dtype=torch.float32, device=x.device).expand(len(x)), condition)

    return field


def guided_field(model: Mmdit, condition: Condition, unconditional: Condition, guidance: float) -> Velocity:
    """Returns the velocity field with classifier-free guidance.

    v = v(unconditional) + guidance (v(condition) - v(unconditional)), where `unconditional` is `condition` without the
    part that guides: without its text, or without its first frame.
    """
    pair = concatenated(condition, unconditional)

    def field(x: torch.Tensor, t: float | torch.Tensor) -> torch.Tensor:
        time = torch.as_tensor(t, dtype=torch.float32, device=x.device).expand(len(x))
        conditional, without = velocity(model, torch.cat([x, x]), torch.cat([time, time]), pair).chunk(2)
        return without + guidance * (conditional - without)

    return field
