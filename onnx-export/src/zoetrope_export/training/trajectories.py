"""The teacher's guided trajectories, from noise to clips: made once and kept in one file, for the student to learn."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from zoetrope_export.data.dataset import LatentDataset
from zoetrope_export.data.text import TextBatch
from zoetrope_export.models.condition import Condition
from zoetrope_export.models.mmdit import Mmdit
from zoetrope_export.sampling.fields import guided_field
from zoetrope_export.sampling.samplers import shift_timestep
from zoetrope_export.training.errors import StageFailedError
from zoetrope_export.training.precision import mixed_precision

_BATCH = 64


@dataclass(frozen=True, kw_only=True)
class Solver:
    """`count` trajectories of `timesteps` Euler steps, guided; `drop_first_frame` of them follow their text alone."""

    count: int
    timesteps: int
    shift: float
    guidance: float
    drop_first_frame: float

    def times(self) -> torch.Tensor:
        """t_0 = 1 .. t_N = 0."""
        return shift_timestep(torch.linspace(1, 0, self.timesteps + 1), self.shift)


@dataclass(frozen=True)
class Trajectories:
    """`points` [M, N+1, C, T, H, W] at the solver's times, in half precision.

    Each has the text of a clip of the dataset, `rows` [M], and where `keep` [M] is 1 its first frame.
    """

    points: torch.Tensor
    rows: torch.Tensor
    keep: torch.Tensor
    dataset: LatentDataset

    def draw(
        self, start: torch.Tensor, end: torch.Tensor, rng: torch.Generator
    ) -> tuple[torch.Tensor, torch.Tensor, Condition]:
        """The points at the numbers `start` and `end` [B] of random trajectories, and their conditions."""
        picks = torch.randint(len(self.rows), start.shape, generator=rng, device=start.device)
        rows = self.rows[picks]
        text = self.dataset.text[rows]
        told = TextBatch(text.embedding.float(), text.mask)
        condition = Condition.of_first_frame(told, self.dataset.latents[rows], self.keep[picks])
        return self.points[picks, start].float(), self.points[picks, end].float(), condition


@torch.no_grad()
def load_or_solve(
    path: Path, *, teacher: Mmdit, dataset: LatentDataset, empty_text: TextBatch, solver: Solver, seed: int
) -> Trajectories:
    """The trajectories in the file `path`; where it is missing, this writes it first.

    `empty_text` is the encoding of the empty prompt, away from which the teacher is guided.

    Raises `StageFailedError` where they are not what `solver` makes in number or steps.
    """
    if not path.exists():
        _write(path, teacher, dataset, empty_text, solver, seed)
    saved = load_file(path, device=str(dataset.device))
    count, timesteps = len(saved["rows"]), saved["points"].shape[1] - 1
    if (count, timesteps) != (solver.count, solver.timesteps):
        raise StageFailedError(
            f"{path} holds {count} trajectories of {timesteps} steps, not {solver.count} of {solver.timesteps}:"
            " delete it"
        )
    return Trajectories(saved["points"], saved["rows"], saved["keep"], dataset)


def _write(
    path: Path, teacher: Mmdit, dataset: LatentDataset, empty_text: TextBatch, solver: Solver, seed: int
) -> None:
    device, times = dataset.device, solver.times()
    rng = torch.Generator(device).manual_seed(seed)
    began, parts = time.monotonic(), []
    rows = torch.randint(len(dataset), (solver.count,), generator=rng, device=device)
    keep = (torch.rand(solver.count, generator=rng, device=device) >= solver.drop_first_frame).float()
    for first in range(0, solver.count, _BATCH):
        part = slice(first, first + _BATCH)
        clips, text = dataset.latents[rows[part]], dataset.text[rows[part]]
        condition = Condition.of_first_frame(TextBatch(text.embedding.float(), text.mask), clips, keep[part])
        field = guided_field(teacher, condition, condition.without_text(empty_text), solver.guidance)
        x = torch.randn(clips.shape, generator=rng, device=device)
        points = [x]
        with mixed_precision(device):
            for t, s in zip(times[:-1].tolist(), times[1:].tolist(), strict=True):
                x = x + (s - t) * field(x, t)
                points.append(x)
        parts.append(torch.stack(points, dim=1).half().cpu())
        done = first + len(clips)
        if done % (8 * _BATCH) == 0 or done == solver.count:
            left = (time.monotonic() - began) / done * (solver.count - done)
            print(f"trajectories {done}/{solver.count}  {left / 60:.1f} min left", flush=True)
    save_file({"points": torch.cat(parts), "rows": rows.cpu(), "keep": keep.cpu()}, path.with_suffix(".partial"))
    path.with_suffix(".partial").replace(path)
