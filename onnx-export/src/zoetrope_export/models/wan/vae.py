"""The Wan video autoencoder: causal 3D convolutions, 4x in time, 8x (Wan 2.1) or 16x (Wan 2.2) in space.

        video [B, 3, 1 + 4k, H, W]                        latents [B, C, 1 + k, H/8, W/8]
              | 2.2: pixel patches of 2                           |
              v                                                   v
        convolution, blocks, 3 x halve space              convolution, middle blocks with attention
              | the last two also halve time                      |
              v                                                   v
        middle blocks with attention, convolution         blocks, 3 x double space; the first two also double time
              |                                                   | 2.2: pixel patches of 2
              v                                                   v
        mean of the latents, normalised                   video

It runs as a stream: one latent frame, or the four frames of the video that belong to it, at a time. Each causal
convolution keeps the last frames of its input for the next chunk (`Stream`). The memory of a run therefore does not
depend on the length of the video, and the result is that of a convolution over the whole video with zeros in front.

The first latent frame belongs to one frame of the video instead of four. A chunk has four frames nevertheless: in the
first chunk the first three are dead. Dead frames are set to zero in front of every causal convolution, so that they
equal the zeros in front of the video. All chunks then have the same shapes, and one graph computes them.

Wan: arXiv 2503.20314, section 4.1. The networks of 2.2 add shortcuts around each change of resolution, which average or
duplicate values (`average_down`, `duplicate_up`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional as F

TEMPORAL = 4  # frames of the video for each latent frame but the first


@dataclass(frozen=True, kw_only=True)
class VaeConfig:
    """The sizes of the network.

    `widths` are the multiples of the base widths, from the finest resolution to the coarsest; `halves_time` says of
    each change of resolution, in the same order, whether it also halves time. `residual` and `patch` 2 are those of Wan
    2.2. `mean` and `deviation` normalise the latents, one value per channel.
    """

    latent_channels: int
    encoder_width: int
    decoder_width: int
    widths: tuple[int, ...]
    blocks: int
    halves_time: tuple[bool, ...]
    residual: bool
    patch: int
    mean: tuple[float, ...]
    deviation: tuple[float, ...]

    @property
    def spatial(self) -> int:
        """The pixels of a latent's side."""
        return self.patch * 2 ** (len(self.widths) - 1)


class Stream:
    """The state of a stream while one chunk passes the network.

    `first` is 1 for the first chunk of a video and 0 for the others: [1]. `kept` are the frames that each convolution
    kept of the chunk before, in the order in which the convolutions run; None stands for zeros, before the first chunk.
    `keeps` collects the frames to keep.
    """

    def __init__(self, first: torch.Tensor, kept: Sequence[torch.Tensor] | None) -> None:
        self.first = first
        self.keeps: list[torch.Tensor] = []
        self._kept = kept

    def extend(self, x: torch.Tensor, frames: int) -> torch.Tensor:
        """Returns x [B, C, T, H, W] behind `frames` kept frames, and keeps its last ones."""
        kept = x.new_zeros(1).expand(*x.shape[:2], frames, *x.shape[3:])
        if self._kept is not None:
            kept = self._kept[len(self.keeps)]
        extended = torch.cat([kept, x], dim=2)
        self.keeps.append(extended[:, :, -frames:])
        return extended

    def live(self, frames: int) -> torch.Tensor:
        """Returns 0 for each dead frame of a chunk and 1 for each other: [frames, 1, 1]. The last one is never dead."""
        live = torch.cat([(1 - self.first).expand(frames - 1), self.first.new_ones(1)])
        return live[:, None, None]


class CausalConv(nn.Conv3d):
    """A 3D convolution whose output at a frame depends on that frame and those before it."""

    def __init__(self, inputs: int, outputs: int, kernel: tuple[int, int, int]) -> None:
        super().__init__(inputs, outputs, kernel, padding=(0, kernel[1] // 2, kernel[2] // 2))

    def forward(self, x: torch.Tensor, stream: Stream) -> torch.Tensor:  # type: ignore[override]
        frames = self.kernel_size[0] - 1
        return super().forward(stream.extend(x, frames) if frames else x)


class Norm(nn.Module):
    """Computes x / |x| sqrt(C) gamma over the channels [B, C, ...]."""

    def __init__(self, channels: int, axes: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(channels, *[1] * axes))
        self.scale = channels**0.5

    def forward(self, x: torch.Tensor, live: torch.Tensor | None = None) -> torch.Tensor:
        """Returns the normalised x; with `live` also sets dead frames to zero."""
        gain = self.scale * self.gamma
        return F.normalize(x, dim=1) * (gain if live is None else gain * live)


class ResidualBlock(nn.Module):
    """Two causal convolutions, each behind a norm and an activation, and a shortcut."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.norm1 = Norm(inputs, 3)
        self.conv1 = CausalConv(inputs, outputs, (3, 3, 3))
        self.norm2 = Norm(outputs, 3)
        self.conv2 = CausalConv(outputs, outputs, (3, 3, 3))
        self.conv_shortcut = CausalConv(inputs, outputs, (1, 1, 1)) if inputs != outputs else None

    def forward(self, x: torch.Tensor, stream: Stream) -> torch.Tensor:
        live = stream.live(x.shape[2])
        h = self.conv1(F.silu(self.norm1(x, live)), stream)
        h = self.conv2(F.silu(self.norm2(h, live)), stream)
        return h + (x if self.conv_shortcut is None else self.conv_shortcut(x, stream))


def frames_to_batch(x: torch.Tensor) -> torch.Tensor:
    """Maps [B, C, T, H, W] to [B*T, C, H, W]."""
    return x.transpose(1, 2).flatten(0, 1)


def batch_to_frames(x: torch.Tensor, frames: int) -> torch.Tensor:
    """Maps [B*T, C, H, W] to [B, C, T, H, W]."""
    return x.unflatten(0, (-1, frames)).transpose(1, 2)


class AttentionBlock(nn.Module):
    """Self-attention over the positions of each frame, with one head."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = Norm(channels, 2)
        self.to_qkv = nn.Conv2d(channels, 3 * channels, 1)
        self.proj = nn.Conv2d(channels, channels, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        frames = x.shape[2]
        qkv = self.to_qkv(self.norm(frames_to_batch(x)))
        q, k, v = qkv.flatten(2).transpose(1, 2)[:, None].chunk(3, dim=-1)  # 3 x [B*T, 1, H*W, C]
        attended = F.scaled_dot_product_attention(q, k, v)
        image = attended.squeeze(1).transpose(1, 2).reshape(-1, *x.shape[1:2], *x.shape[3:])  # [B*T, C, H, W]
        return x + batch_to_frames(self.proj(image), frames)


class MiddleBlock(nn.Module):
    """The blocks at the coarsest resolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.resnets = nn.ModuleList(ResidualBlock(channels, channels) for _ in range(2))
        self.attentions = nn.ModuleList([AttentionBlock(channels)])

    def forward(self, x: torch.Tensor, stream: Stream) -> torch.Tensor:
        return self.resnets[1](self.attentions[0](self.resnets[0](x, stream)), stream)


class DoubleSides(nn.Module):
    """Repeats every pixel of [N, C, H, W] twice along both sides."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x[:, :, :, None, :, None].expand(-1, -1, -1, 2, -1, 2).flatten(4, 5).flatten(2, 3)


class Halve(nn.Module):
    """Halves the sides of frames, and the number of frames if `time`."""

    def __init__(self, channels: int, time: bool) -> None:
        super().__init__()
        pad = nn.ZeroPad2d((0, 1, 0, 1))
        self.resample = nn.Sequential(pad, nn.Conv2d(channels, channels, 3, stride=2))
        self.time_conv: nn.Conv3d | None = None
        if time:
            self.time_conv = nn.Conv3d(channels, channels, (3, 1, 1), stride=(2, 1, 1))

    def forward(self, x: torch.Tensor, stream: Stream) -> torch.Tensor:
        x = batch_to_frames(self.resample(frames_to_batch(x)), x.shape[2])
        if self.time_conv is None:
            return x
        halved = self.time_conv(stream.extend(x, 1))
        # The one frame of the first chunk, the last of the four, passes unchanged.
        return torch.where(stream.first > 0, x[:, :, 1::2], halved)


class Double(nn.Module):
    """Doubles the sides of frames, and the number of frames if `time`."""

    def __init__(self, inputs: int, outputs: int, time: bool) -> None:
        super().__init__()
        self.resample = nn.Sequential(DoubleSides(), nn.Conv2d(inputs, outputs, 3, padding=1))
        self.time_conv: CausalConv | None = CausalConv(inputs, 2 * inputs, (3, 1, 1)) if time else None

    def forward(self, x: torch.Tensor, stream: Stream) -> torch.Tensor:
        if self.time_conv is not None:
            pairs = self.time_conv(x, stream).unflatten(1, (2, -1))  # [B, 2, C, T, H, W]
            doubled = pairs.permute(0, 2, 3, 1, 4, 5).flatten(2, 3)  # [B, C, 2T, H, W]
            # The first chunk passes unchanged, and the convolution sees no frame of it later.
            doubled = torch.where(stream.first > 0, duplicate_up(x, x.shape[1], 2, 1), doubled)
            stream.keeps[-1] = stream.keeps[-1] * (1 - stream.first)
            x = doubled
        return batch_to_frames(self.resample(frames_to_batch(x)), x.shape[2])


def average_down(x: torch.Tensor, outputs: int, time: int, space: int) -> torch.Tensor:
    """Moves blocks of time x space x space values to channels and averages groups of them: [B, outputs, ...]."""
    blocks = x.unflatten(4, (-1, space)).unflatten(3, (-1, space)).unflatten(2, (-1, time))
    moved = blocks.permute(0, 1, 3, 5, 7, 2, 4, 6).flatten(1, 4)  # [B, C * time * space * space, T', H', W']
    return moved.unflatten(1, (outputs, -1)).mean(2)


def duplicate_up(x: torch.Tensor, outputs: int, time: int, space: int) -> torch.Tensor:
    """Duplicates channels and moves them to blocks of time x space x space values: [B, outputs, ...]."""
    copies = outputs * time * space**2 // x.shape[1]
    channels = x[:, :, None].expand(-1, -1, copies, -1, -1, -1).flatten(1, 2)
    blocks = channels.unflatten(1, (outputs, time, space, space)).permute(0, 1, 5, 2, 6, 3, 7, 4)
    return blocks.flatten(6, 7).flatten(4, 5).flatten(2, 3)


class ResidualDown(nn.Module):
    """Blocks and a change of resolution, with a shortcut that averages (Wan 2.2)."""

    def __init__(self, inputs: int, outputs: int, blocks: int, halves: bool, time: bool) -> None:
        super().__init__()
        self.outputs = outputs
        self.factors = (1 + time, 1 + halves)
        self.resnets = nn.ModuleList(ResidualBlock(outputs if i else inputs, outputs) for i in range(blocks))
        self.downsampler = Halve(outputs, time) if halves else None

    def forward(self, x: torch.Tensor, stream: Stream) -> torch.Tensor:
        shortcut = average_down(x * stream.live(x.shape[2]), self.outputs, *self.factors)
        for block in self.resnets:
            x = block(x, stream)
        return shortcut + (x if self.downsampler is None else self.downsampler(x, stream))


class ResidualUp(nn.Module):
    """Blocks and a change of resolution, with a shortcut that duplicates (Wan 2.2)."""

    def __init__(self, inputs: int, outputs: int, blocks: int, doubles: bool, time: bool) -> None:
        super().__init__()
        self.outputs = outputs
        self.factors = (1 + time, 2)
        self.resnets = nn.ModuleList(ResidualBlock(outputs if i else inputs, outputs) for i in range(blocks))
        self.upsampler = Double(outputs, outputs, time) if doubles else None

    def forward(self, x: torch.Tensor, stream: Stream) -> torch.Tensor:
        entry = x
        for block in self.resnets:
            x = block(x, stream)
        if self.upsampler is None:
            return x
        return self.upsampler(x, stream) + duplicate_up(entry, self.outputs, *self.factors)


class PlainUp(nn.Module):
    """Blocks and a change of resolution that halves the width (Wan 2.1)."""

    def __init__(self, inputs: int, outputs: int, blocks: int, doubles: bool, time: bool) -> None:
        super().__init__()
        self.resnets = nn.ModuleList(ResidualBlock(outputs if i else inputs, outputs) for i in range(blocks))
        self.upsamplers = nn.ModuleList([Double(outputs, outputs // 2, time)] if doubles else [])

    def forward(self, x: torch.Tensor, stream: Stream) -> torch.Tensor:
        for block in (*self.resnets, *self.upsamplers):
            x = block(x, stream)
        return x


class Encoder(nn.Module):
    """Maps a chunk of four frames [B, 3 * patch^2, 4, H, W] to one frame of means and variances of latents."""

    def __init__(self, config: VaeConfig) -> None:
        super().__init__()
        widths = [config.encoder_width * multiple for multiple in (1, *config.widths)]
        self.conv_in = CausalConv(3 * config.patch**2, widths[0], (3, 3, 3))
        self.down_blocks = nn.ModuleList()
        for i, (inputs, outputs) in enumerate(pairwise(widths)):
            halves = i < len(config.halves_time)
            time = halves and config.halves_time[i]
            if config.residual:
                self.down_blocks.append(ResidualDown(inputs, outputs, config.blocks, halves, time))
                continue
            self.down_blocks.extend(ResidualBlock(outputs if j else inputs, outputs) for j in range(config.blocks))
            if halves:
                self.down_blocks.append(Halve(outputs, time))
        self.mid_block = MiddleBlock(widths[-1])
        self.norm_out = Norm(widths[-1], 3)
        self.conv_out = CausalConv(widths[-1], 2 * config.latent_channels, (3, 3, 3))

    def forward(self, x: torch.Tensor, stream: Stream) -> torch.Tensor:
        x = self.conv_in(x * stream.live(x.shape[2]), stream)
        for block in self.down_blocks:
            x = block(x, stream)
        x = self.mid_block(x, stream)
        return self.conv_out(F.silu(self.norm_out(x)), stream)


class Decoder(nn.Module):
    """Maps one frame of latents [B, C, 1, H, W] to a chunk of four frames [B, 3 * patch^2, 4, 8 H, 8 W]."""

    def __init__(self, config: VaeConfig) -> None:
        super().__init__()
        multiples = config.widths[::-1]
        widths = [config.decoder_width * multiple for multiple in (multiples[0], *multiples)]
        doubles_time = config.halves_time[::-1]
        self.conv_in = CausalConv(config.latent_channels, widths[0], (3, 3, 3))
        self.mid_block = MiddleBlock(widths[0])
        self.up_blocks = nn.ModuleList()
        for i, (inputs, outputs) in enumerate(pairwise(widths)):
            doubles = i < len(doubles_time)
            time = doubles and doubles_time[i]
            if config.residual:
                self.up_blocks.append(ResidualUp(inputs, outputs, config.blocks + 1, doubles, time))
            else:
                self.up_blocks.append(PlainUp(inputs // 2 if i else inputs, outputs, config.blocks + 1, doubles, time))
        self.norm_out = Norm(widths[-1], 3)
        self.conv_out = CausalConv(widths[-1], 3 * config.patch**2, (3, 3, 3))

    def forward(self, x: torch.Tensor, stream: Stream) -> torch.Tensor:
        x = self.mid_block(self.conv_in(x, stream), stream)
        for block in self.up_blocks:
            x = block(x, stream)
        return self.conv_out(F.silu(self.norm_out(x, stream.live(x.shape[2]))), stream)


def patchify(video: torch.Tensor, patch: int) -> torch.Tensor:
    """Moves patches of pixels to channels, in the order (channel, x, y)."""
    blocks = video.unflatten(4, (-1, patch)).unflatten(3, (-1, patch))  # [B, C, T, H, y, W, x]
    return blocks.permute(0, 1, 6, 4, 2, 3, 5).flatten(1, 3)


def unpatchify(video: torch.Tensor, patch: int) -> torch.Tensor:
    """Moves channels to patches of pixels: the inverse of `patchify`."""
    blocks = video.unflatten(1, (-1, patch, patch))  # [B, C, x, y, T, H, W]
    return blocks.permute(0, 1, 4, 5, 3, 6, 2).flatten(5, 6).flatten(3, 4)


class Vae(nn.Module):
    """The encoder and the decoder of a stream. Latents are normalised: (mean of the encoder - mean) / deviation."""

    mean: torch.Tensor
    deviation: torch.Tensor

    def __init__(self, config: VaeConfig) -> None:
        super().__init__()
        self.config = config
        channels = config.latent_channels
        self.encoder = Encoder(config)
        self.quant_conv = CausalConv(2 * channels, 2 * channels, (1, 1, 1))
        self.post_quant_conv = CausalConv(channels, channels, (1, 1, 1))
        self.decoder = Decoder(config)
        for name, values in (("mean", config.mean), ("deviation", config.deviation)):
            self.register_buffer(name, torch.tensor(values, device="cpu")[:, None, None, None], persistent=False)

    def encode_chunk(self, video: torch.Tensor, stream: Stream) -> torch.Tensor:
        """Encodes four frames of video [B, 3, 4, H, W] in [-1, 1] to one latent frame [B, C, 1, h, w]."""
        moments = self.quant_conv(self.encoder(patchify(video, self.config.patch), stream), stream)
        return (moments[:, : self.config.latent_channels] - self.mean) / self.deviation

    def decode_chunk(self, latents: torch.Tensor, stream: Stream) -> torch.Tensor:
        """Decodes one latent frame [B, C, 1, h, w] to four frames of video [B, 3, 4, H, W] in about [-1, 1]."""
        x = self.decoder(self.post_quant_conv(latents * self.deviation + self.mean, stream), stream)
        return unpatchify(x, self.config.patch)

    def encode_image(self, image: torch.Tensor) -> torch.Tensor:
        """Encodes images [B, 3, H, W] in [-1, 1], each as the first frame of a video: [B, C, h, w]."""
        chunk = F.pad(image[:, :, None], (0, 0, 0, 0, TEMPORAL - 1, 0))
        return self.encode_chunk(chunk, Stream(image.new_ones(1), None))[:, :, 0]

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        """Decodes latents [B, C, T, h, w] to video [B, 3, 1 + 4(T - 1), H, W] in about [-1, 1]."""
        chunks, kept = [], None
        for i in range(latents.shape[2]):
            stream = Stream(latents.new_tensor([float(i == 0)]), kept)
            chunks.append(self.decode_chunk(latents[:, :, i : i + 1], stream))
            kept = stream.keeps
        return torch.cat(chunks, dim=2)[:, :, TEMPORAL - 1 :]
