"""The toy world: short clips of one anti-aliased shape that moves over a soft background, with captions.

A `Scene` holds the attributes that a caption can describe. What a caption does not describe is drawn per clip: the
placement, and the phase and direction of an orbit. A seeded `torch.Generator` determines everything: the same seed
renders the same clips.

Geometry is in pixels of a frame of 64x64; larger frames scale it up. A motion takes the whole clip, whatever the clip's
length: two bounces, one orbit, a third of a turn. Image axes: x to the right, y down.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

import numpy as np
import torch

CPU = torch.device("cpu")

SHAPES = ("circle", "square", "triangle", "star", "heart", "ring")
COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (222, 44, 44),
    "orange": (245, 138, 24),
    "yellow": (248, 220, 50),
    "green": (46, 176, 80),
    "blue": (48, 104, 236),
    "purple": (142, 62, 196),
    "pink": (250, 128, 192),
    "white": (252, 252, 252),
}
BACKGROUNDS: dict[str, tuple[int, int, int]] = {
    "black": (14, 14, 16),
    "dark blue": (22, 30, 84),
    "gray": (124, 124, 126),
    "cream": (236, 222, 184),
    "light blue": (164, 208, 238),
}
SIZES: dict[str, float] = {"small": 12.0, "large": 17.0}
MOTIONS = ("left", "right", "up", "down", "spinning", "bouncing", "growing", "shrinking", "orbiting")
SYMMETRIC = ("circle", "ring")  # a spin of these is invisible, so no scene has one
VELOCITIES = {"left": (-1.0, 0.0), "right": (1.0, 0.0), "up": (0.0, -1.0), "down": (0.0, 1.0)}

_FRAME = 64
_TRAVEL = 20.0  # pixels from the first frame to the last
_ORBIT_RADIUS = 9.0
_BOUNCE_HEIGHT = 18.0
SPIN = 0.7 * math.pi  # radians over the clip
_SCALE_FROM, _SCALE_TO = 0.6, 1.25  # factors of the radius of a growing shape, in the first and the last frame
_REACH = 1.15  # distance of the farthest point of any shape from its centre, in radii
_VIGNETTE = 0.08  # how much darker the corners are

_WORDING = {
    "left": ("moving left", "moves to the left", "sliding left", "going left", "drifting to the left"),
    "right": ("moving right", "moves to the right", "sliding right", "going right", "drifting to the right"),
    "up": ("moving up", "moves upwards", "rising", "going up", "drifting up"),
    "down": ("moving down", "moves downwards", "falling", "going down", "drifting down"),
    "spinning": ("spinning", "spins", "rotating", "turning around", "that spins in place"),
    "bouncing": ("bouncing", "bounces", "bouncing up and down", "hopping", "that bounces"),
    "growing": ("growing", "grows", "getting bigger", "growing larger", "expanding"),
    "shrinking": ("shrinking", "shrinks", "getting smaller", "becoming smaller", "contracting"),
    "orbiting": ("orbiting", "orbits", "moving in a circle", "circling around", "going around in circles"),
}
_SENTENCES = (
    "a {size}{colour} {shape} {motion} on a {background} background",
    "{size}{colour} {shape} {motion}, {background} background",
    "a {size}{colour} {shape} {motion} over a {background} background",
    "a video of a {size}{colour} {shape} {motion} on {background}",
    "on a {background} background, a {size}{colour} {shape} {motion}",
)


@dataclass(frozen=True)
class WorldConfig:
    """The size, length and variety of the clips.

    `size` is the side of a frame in pixels. `frame_count` is 1 + 4k: the causal VAE encodes the first frame alone,
    then groups of four.

    `variety` in [0, 1] scales the random variation of what captions do not describe: the placement, and an orbit's
    phase and direction. At 1 a shape starts at any position from which its track stays in the frame; at 0 every clip
    of a scene is the same.
    """

    size: int = 64
    frame_count: int = 17
    frame_rate: int = 12
    variety: float = 1.0

    @property
    def zoom(self) -> float:
        """The scale relative to a frame of 64x64."""
        return self.size / _FRAME


@dataclass(frozen=True)
class Scene:
    """The attributes of a clip that a caption can describe."""

    shape: str
    colour: str
    background: str
    size: str
    motion: str

    def held_out(self) -> bool:
        """Returns whether this combination of attributes is held out from training: one in ten is, by its digest."""
        key = f"{self.shape}|{self.colour}|{self.background}|{self.motion}"
        return hashlib.sha256(key.encode()).digest()[0] % 10 == 0


@dataclass(frozen=True)
class Clips:
    """Rendered clips: `video` [B, 3, T, H, W] in [-1, 1], `coverage` [B, 1, T, H, W] of the shape in [0, 1]."""

    scenes: list[Scene]
    captions: list[str]
    video: torch.Tensor
    coverage: torch.Tensor


def scenes() -> list[Scene]:
    """Returns every scene of the world, in a fixed order."""
    return [
        Scene(shape=shape, colour=colour, background=background, size=size, motion=motion)
        for shape in SHAPES
        for colour in COLOURS
        for background in BACKGROUNDS
        for size in SIZES
        for motion in MOTIONS
        if not (motion == "spinning" and shape in SYMMETRIC)
    ]


def captions(scene: Scene) -> list[str]:
    """Returns every wording of a scene. Where a wording does not mention the size, the shape is large."""
    sizes = ("", "large ") if scene.size == "large" else ("small ",)
    return [
        sentence.format(size=size, colour=scene.colour, shape=scene.shape, motion=motion, background=scene.background)
        for sentence in _SENTENCES
        for motion in _WORDING[scene.motion]
        for size in sizes
    ]


def _radius_table(samples: int = 1024) -> torch.Tensor:
    """Tabulates unit shapes [shape, 2, angle]: boundary radius and factor from radial to perpendicular distance."""
    angle = torch.arange(samples) * (2 * math.pi / samples) - math.pi
    rows = [_circle(angle), _polygon(4, 0.78, angle), _polygon(3, 0.58, angle), _star(angle), _heart(angle)]
    rows.append(_circle(angle))  # the ring's outer edge
    radius = torch.stack(rows)
    slope = (torch.roll(radius, -1, 1) - torch.roll(radius, 1, 1)) / (2 * (2 * math.pi / samples))
    return torch.stack([radius, 1 / torch.sqrt(1 + (slope / radius) ** 2)], dim=1)


def _circle(angle: torch.Tensor) -> torch.Tensor:
    return torch.full_like(angle, 0.9)


def _polygon(sides: int, apothem: float, angle: torch.Tensor) -> torch.Tensor:
    """Returns the boundary of a regular polygon with a flat base (y is down)."""
    sector = 2 * math.pi / sides
    turned = torch.remainder(angle - math.pi / 2 + sector / 2, sector) - sector / 2
    return apothem / torch.cos(turned)


def _star(angle: torch.Tensor, outer: float = 1.1, inner: float = 0.5) -> torch.Tensor:
    """Returns the boundary of a star with five points, one straight up.

    It is the straight edge from a tip (outer, 0) to a notch (inner, pi/5), in polar form.
    """
    half = math.pi / 5
    turned = torch.remainder(angle + math.pi / 2, 2 * half)
    turned = torch.minimum(turned, 2 * half - turned)
    return outer * inner * math.sin(half) / (inner * torch.sin(half - turned) + outer * torch.sin(turned))


def _heart(angle: torch.Tensor) -> torch.Tensor:
    t = torch.linspace(0, 2 * math.pi, 20001, dtype=torch.float64)
    x = 16 * torch.sin(t) ** 3
    y = -(13 * torch.cos(t) - 5 * torch.cos(2 * t) - 2 * torch.cos(3 * t) - torch.cos(4 * t)) - 1.5
    theta, order = torch.sort(torch.atan2(y, x))
    radius = torch.hypot(x, y)[order]
    nearest = torch.searchsorted(theta, angle.double()).clamp(max=len(theta) - 1)
    return (radius[nearest] / 16.5).float()


_TABLE = _radius_table()
_RING_INNER = 0.5


def _uniform(count: int, low: torch.Tensor, high: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
    return low + (high - low) * torch.rand(count, generator=rng)


def _tracks(
    batch: list[Scene], config: WorldConfig, rng: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Draws the tracks of the clips' shapes: centre x, centre y, radius and rotation, four tensors [B, T]."""
    count, frames = len(batch), config.frame_count
    progress = torch.linspace(0, 1, frames)
    names = [s.motion for s in batch]
    zoom = config.zoom
    base = torch.tensor([SIZES[s.size] * zoom for s in batch])

    def has_motion(*motions: str) -> torch.Tensor:
        return torch.tensor([n in motions for n in names])[:, None]

    grow = _SCALE_FROM + (_SCALE_TO - _SCALE_FROM) * progress[None]
    shrunk = torch.where(has_motion("shrinking"), grow.flip(1), torch.ones_like(grow))
    scale = torch.where(has_motion("growing"), grow, shrunk)
    radius = base[:, None] * scale

    phase = _uniform(count, torch.tensor(0.0), torch.tensor(2 * math.pi * config.variety), rng)[:, None]
    sense = torch.where(torch.rand(count, generator=rng) < 0.5 * config.variety, -1.0, 1.0)[:, None]  # 1: clockwise
    direction = torch.tensor([VELOCITIES.get(n, (0.0, 0.0)) for n in names])
    angle = phase + sense * 2 * math.pi * progress
    zeros = torch.zeros(count, frames)
    orbit_radius, travel, bounce_height = _ORBIT_RADIUS * zoom, _TRAVEL * zoom, _BOUNCE_HEIGHT * zoom
    orbiting = has_motion("orbiting")
    dx = torch.where(orbiting, orbit_radius * torch.cos(angle), zeros) + direction[:, :1] * travel * progress
    dy = torch.where(orbiting, orbit_radius * torch.sin(angle), zeros) + direction[:, 1:] * travel * progress
    dy = dy - torch.where(has_motion("bouncing"), bounce_height * torch.sin(2 * math.pi * progress).abs()[None], zeros)

    def place(offset: torch.Tensor) -> torch.Tensor:
        """Adds a random start to a track's offsets [B, T], such that the whole track stays in the frame."""
        low = (_REACH * radius - offset).amax(1)
        high = (config.size - _REACH * radius - offset).amin(1)
        middle, half_range = (low + high) / 2, (high - low).clamp(min=0) / 2 * config.variety
        return _uniform(count, middle - half_range, middle + half_range, rng)[:, None] + offset

    # Clockwise, and upright at first, as all shapes are.
    rotation = torch.where(has_motion("spinning"), SPIN * progress, zeros)
    return place(dx), place(dy), radius, rotation


def first_centres(scene: Scene, count: int, config: WorldConfig, rng: torch.Generator) -> torch.Tensor:
    """Draws the centres [count, 2], x and y, of the shape in the first frames of `count` clips of a scene."""
    cx, cy, _, _ = _tracks([scene] * count, config, rng)
    return torch.stack([cx[:, 0], cy[:, 0]], dim=1)


def silhouettes(
    shape: torch.Tensor, cx: torch.Tensor, cy: torch.Tensor, radius: torch.Tensor, rotation: torch.Tensor, size: int
) -> torch.Tensor:
    """Returns the coverage [B, T, H, W] in [0, 1] of shapes.

    `shape` [B] holds indices into `SHAPES`; centre, radius and rotation are tracks [B, T].
    """
    axis, table = torch.arange(size, device=cx.device) + 0.5, _TABLE.to(cx.device)
    dx = axis[None, None, None, :] - cx[:, :, None, None]  # [B, T, 1, W]
    dy = axis[None, None, :, None] - cy[:, :, None, None]  # [B, T, H, 1]
    distance = torch.sqrt(dx**2 + dy**2)  # [B, T, H, W]
    angle = torch.atan2(dy.expand_as(distance), dx.expand_as(distance)) - rotation[:, :, None, None]
    samples = table.shape[2]
    index = torch.remainder(((angle + math.pi) * (samples / (2 * math.pi))).round().long(), samples)
    flat = (shape[:, None, None, None] * samples + index).flatten()
    r = radius[:, :, None, None]
    boundary = table[:, 0].flatten()[flat].view_as(distance)
    slant = table[:, 1].flatten()[flat].view_as(distance)
    coverage = ((boundary * r - distance) * slant + 0.5).clamp(0, 1)
    hole = (distance - _RING_INNER * r + 0.5).clamp(0, 1)
    is_ring = (shape == SHAPES.index("ring"))[:, None, None, None]
    return torch.where(is_ring, torch.minimum(coverage, hole), coverage)


def render(batch: list[Scene], config: WorldConfig, rng: torch.Generator, device: torch.device = CPU) -> Clips:
    """Renders one clip per scene on `device`, each with a random wording and a random placement.

    Random numbers are drawn on the CPU, so that a seed gives the same clips on every device.
    """
    cx, cy, radius, rotation = (track.to(device) for track in _tracks(batch, config, rng))
    axis = torch.arange(config.size, device=device) + 0.5
    shape = torch.tensor([SHAPES.index(s.shape) for s in batch], device=device)
    coverage = silhouettes(shape, cx, cy, radius, rotation, config.size)[:, None]  # [B, 1, T, H, W]

    colours = [COLOURS[s.colour] for s in batch]
    colour = torch.tensor(colours, device=device).float()[:, :, None, None, None] / 127.5 - 1
    backdrops = [BACKGROUNDS[s.background] for s in batch]
    backdrop = torch.tensor(backdrops, device=device).float()[:, :, None, None, None]
    centred = (axis / config.size - 0.5) * 2
    vignette = 1 - _VIGNETTE * (centred[None, :] ** 2 + centred[:, None] ** 2) / 2
    background = backdrop * vignette / 127.5 - 1  # [B, 3, 1, H, W]
    video = background * (1 - coverage) + colour * coverage
    texts = []
    for scene in batch:
        wordings = captions(scene)
        texts.append(wordings[int(torch.randint(len(wordings), (1,), generator=rng))])
    return Clips(scenes=batch, captions=texts, video=video, coverage=coverage)


def to_frames(video: torch.Tensor) -> np.ndarray:
    """Converts video [B, 3, T, H, W] in about [-1, 1] to RGB frames, uint8 [B, T, H, W, 3]."""
    return ((video.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 4, 1).contiguous().cpu().numpy()


class World:
    """An endless seeded stream of captioned clips on `device`, of the training split or of the held-out split.

    All scenes are equally likely, except that a spinning scene is `spinning_weight` times as likely as another.
    """

    def __init__(
        self,
        config: WorldConfig,
        seed: int,
        *,
        held_out: bool = False,
        device: torch.device = CPU,
        spinning_weight: int = 1,
    ) -> None:
        self.config, self.device = config, device
        self._rng = torch.Generator().manual_seed(seed)
        split = [s for s in scenes() if s.held_out() == held_out]
        self._scenes = [s for s in split for _ in range(spinning_weight if s.motion == "spinning" else 1)]

    def clips(self, count: int) -> Clips:
        """Returns the next `count` clips, of random scenes of the split."""
        picks = torch.randint(len(self._scenes), (count,), generator=self._rng).tolist()
        return self.clips_of([self._scenes[i] for i in picks])

    def clips_of(self, batch: list[Scene]) -> Clips:
        """Returns the next clips of the stream, one of each given scene."""
        return render(batch, self.config, self._rng, self.device)

    def state(self) -> torch.Tensor:
        """Returns the state of the stream, for `load`."""
        return self._rng.get_state()

    def load(self, state: torch.Tensor) -> None:
        """Continues the stream from a state that `state()` returned."""
        self._rng.set_state(state)
