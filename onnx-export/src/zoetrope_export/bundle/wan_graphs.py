"""The graphs of a Wan bundle as modules: the networks with the arithmetic that a bundle's contract needs."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from zoetrope_export.data.yuv import to_yuv
from zoetrope_export.models.wan.transformer import Transformer, pad_text
from zoetrope_export.models.wan.vae import TEMPORAL, Stream, Vae

MASK_CHANNELS = 4  # of an image condition: 1 for each frame of the video that is given, 0 for the others


class TextGenerator(nn.Module):
    """The velocity of a model that makes videos from text: v(latents, timestep, text)."""

    def __init__(self, network: Transformer) -> None:
        super().__init__()
        self.network = network

    def forward(
        self, latents: torch.Tensor, timestep: torch.Tensor, text_embedding: torch.Tensor, text_mask: torch.Tensor
    ) -> torch.Tensor:
        return self.network(latents, timestep[:, None], pad_text(text_embedding, text_mask))


class ConditionGenerator(nn.Module):
    """The velocity of a model whose image comes as further channels: condition [B, K, T, H, W]."""

    def __init__(self, network: Transformer) -> None:
        super().__init__()
        self.network = network

    def forward(
        self,
        latents: torch.Tensor,
        timestep: torch.Tensor,
        text_embedding: torch.Tensor,
        text_mask: torch.Tensor,
        condition: torch.Tensor,
    ) -> torch.Tensor:
        x = torch.cat([latents, condition], dim=1)
        return self.network(x, timestep[:, None], pad_text(text_embedding, text_mask))


class FirstFrameGenerator(nn.Module):
    """The velocity of a model that keeps a first frame clean.

    Where `first_frame_mask` [B] is 1, latent frame 0 is `first_frame` [B, C, H, W] whatever the latents hold, and its
    tokens have timestep 0. The velocity of that frame, (latents - first_frame) / sigma, leads from the latents to the
    first frame: the last pass of every sampler, x - sigma v, puts it back.
    """

    def __init__(self, network: Transformer) -> None:
        super().__init__()
        self.network = network

    def forward(
        self,
        latents: torch.Tensor,
        timestep: torch.Tensor,
        sigma: torch.Tensor,
        text_embedding: torch.Tensor,
        text_mask: torch.Tensor,
        first_frame: torch.Tensor,
        first_frame_mask: torch.Tensor,
    ) -> torch.Tensor:
        # 1, 2, ...: an arange would keep the T of the traced example
        frame = latents.new_ones(1).expand(latents.shape[2]).cumsum(0)
        held = (first_frame_mask[:, None] > 0) & (frame == 1)  # [B, T]
        held_values = held[:, None, :, None, None]
        image = first_frame[:, :, None]
        x = torch.where(held_values, image, latents)
        timesteps = torch.where(held, 0.0, timestep[:, None])
        velocity = self.network(x, timesteps, pad_text(text_embedding, text_mask))
        return torch.where(held_values, (latents - image) / sigma[:, None, None, None, None], velocity)


def generator_graph(network: Transformer) -> nn.Module:
    """Returns the graph of a generator: the one for how the model takes an image."""
    if network.config.frame_timesteps:
        return FirstFrameGenerator(network)
    if network.config.condition_channels:
        return ConditionGenerator(network)
    return TextGenerator(network)


class DecoderStep(nn.Module):
    """Decodes one latent frame to four 8-bit YUV frames: one iteration of the decoder's loop."""

    def __init__(self, vae: Vae) -> None:
        super().__init__()
        self.vae = vae

    def forward(self, latents: torch.Tensor, first: torch.Tensor, *kept: torch.Tensor) -> tuple[torch.Tensor, ...]:
        stream = Stream(first, kept or None)
        frames = to_yuv(self.vae.decode_chunk(latents, stream))  # [B, 4, H * 3/2, W]
        return frames, *stream.keeps


class ConditionStep(nn.Module):
    """Encodes one latent frame of a condition: one iteration of the loop of an image encoder that sees all frames.

    The video is the image [B, H, W, 3], then frames of mid grey, the value 0. The condition has `MASK_CHANNELS`
    channels that are 1 in the first latent frame, then the latents: [B, K, 1, h, w].
    """

    def __init__(self, vae: Vae) -> None:
        super().__init__()
        self.vae = vae

    def forward(self, image: torch.Tensor, first: torch.Tensor, *kept: torch.Tensor) -> tuple[torch.Tensor, ...]:
        stream = Stream(first, kept or None)
        frame = to_unit_range(image)[:, :, None] * first
        latents = self.vae.encode_chunk(F.pad(frame, (0, 0, 0, 0, TEMPORAL - 1, 0)), stream)
        mask = first.expand(latents.shape[0], MASK_CHANNELS, 1, *latents.shape[3:])
        return torch.cat([mask, latents], dim=1), *stream.keeps


def encode_condition(vae: Vae, image: torch.Tensor, latent_frames: int) -> torch.Tensor:
    """Returns the condition [B, K, T, h, w] of an image [B, H, W, 3], as the loop around `ConditionStep` does."""
    step, frames = ConditionStep(vae), []
    kept: list[torch.Tensor] = []
    for i in range(latent_frames):
        frame, *kept = step(image, torch.tensor([float(i == 0)]), *kept)
        frames.append(frame)
    return torch.cat(frames, dim=2)


class FirstFrameEncoder(nn.Module):
    """Encodes images [B, H, W, 3] to the latents of a first frame [B, C, h, w]."""

    def __init__(self, vae: Vae) -> None:
        super().__init__()
        self.vae = vae

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.vae.encode_image(to_unit_range(image))


def to_unit_range(image: torch.Tensor) -> torch.Tensor:
    """Maps 8-bit images [B, H, W, 3] to [B, 3, H, W] in [-1, 1]."""
    return image.permute(0, 3, 1, 2).float() / 127.5 - 1
