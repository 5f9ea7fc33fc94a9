"""The teacher's guided trajectories from noise to clips: computed once, kept in one file, and drawn by the student."""

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
    """The parameters of the trajectories: `count` trajectories of `timesteps` guided Euler steps.

    The fraction `drop_first_frame` of them has a text and no first frame.
    """

    count: int
    timesteps: int
    shift: float
    guidance: float
    drop_first_frame: float

    def times(self) -> torch.Tensor:
        """Returns the times t_0 = 1 .. t_N = 0."""
        return shift_timestep(torch.linspace(1, 0, self.timesteps + 1), self.shift)


@dataclass(frozen=True, kw_only=True)
class Trajectories:
    """M trajectories: `points` [M, N+1, C, T, H, W] at the solver's times, in half precision.

    The condition of a trajectory is the text of the clip `rows` [M] of the dataset and, if `keep` [M] is 1, this clip's
    first frame.
    """

    points: torch.Tensor
    rows: torch.Tensor
    keep: torch.Tensor
    dataset: LatentDataset

    def draw(
        self, start: torch.Tensor, end: torch.Tensor, rng: torch.Generator
    ) -> tuple[torch.Tensor, torch.Tensor, Condition]:
        """Returns the points number `start` and number `end` [B] of random trajectories, and their conditions."""
        picks = torch.randint(len(self.rows), start.shape, generator=rng, device=start.device)
        rows = self.rows[picks]
        text = self.dataset.text[rows]
        condition = Condition.of_first_frame(
            TextBatch(text.embedding.float(), text.mask), self.dataset.latents[rows], self.keep[picks]
        )
        return self.points[picks, start].float(), self.points[picks, end].float(), condition


@torch.no_grad()
def load_or_solve(
    path: Path, *, teacher: Mmdit, dataset: LatentDataset, empty_text: TextBatch, solver: Solver, seed: int
) -> Trajectories:
    """Loads the trajectories in the file `path`; if it is missing, computes them and writes the file first.

    `empty_text` is the encoding of the empty prompt; guidance moves the teacher away from it.

    Raises `StageFailedError` if the file's number of trajectories or of steps differs from the solver's.
    """
    if not path.exists():
        _write(path, teacher, dataset, empty_text, solver, seed)
    saved = load_file(path, device=str(dataset.device))
    count, timesteps = len(saved["rows"]), saved["points"].shape[1] - 1
    if (count, timesteps) != (solver.count, solver.timesteps):
        raise StageFailedError(
            f"{path} holds {count} trajectories of {timesteps} steps, the recipe needs {solver.count} of"
            f" {solver.timesteps}: delete the file"
        )
    return Trajectories(points=saved["points"], rows=saved["rows"], keep=saved["keep"], dataset=dataset)


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
