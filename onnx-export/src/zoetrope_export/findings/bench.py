"""Measures the generators of a findings' report, by the same code as the main report's rows."""

from __future__ import annotations

import torch

from zoetrope_export.evaluation.evaluation import PROMPTS_SEED, WORLD_TITLES, Evaluation, Measured, held_out_prompts
from zoetrope_export.evaluation.rows import Row, Sampler, Studio, one
from zoetrope_export.findings.finding import Line
from zoetrope_export.findings.variants import Variant, Workshop
from zoetrope_export.recipes import pipeline


class Bench:
    """Everything is measured on the same prompts and noise."""

    def __init__(self, workshop: Workshop) -> None:
        self.preset, self.seeds = workshop.preset, workshop.recipe.seeds
        self.prompts = held_out_prompts(workshop.recipe.prompts, PROMPTS_SEED)
        self.evaluation = Evaluation(self.prompts, self.preset.world)
        self.studio = Studio(pipeline.load_vae(self.preset, workshop.run), workshop.encoder)

    def world(self) -> Measured:
        """The world's own clips: what is left of perfection is the judges' and the number of clips'."""
        reference = self.evaluation.reference
        return Measured(WORLD_TITLES[0], "world", reference.figures(reference.frames, None), reference.frames)

    def line(
        self,
        title: str,
        weights: dict[str, torch.Tensor],
        sampler: Sampler = one,
        guidance: float | None = None,
        from_first_frame: bool = False,
        varied: bool = False,
    ) -> Line:
        """The row of a generator; its diversity where that matters, for it costs as much as all the rest."""
        print(f"measuring {title}", flush=True)
        row = Row(title, "findings", sampler, guidance, from_first_frame)
        model = pipeline.generator(self.preset, weights)
        return Line(self.evaluation.sampled(row, model, self.studio, self.seeds if varied else 0))

    def variant(self, title: str, variant: Variant, kind: str = "ema", varied: bool = False) -> Line:
        """The row of a game's averaged weights, or of those as they are ("model")."""
        line = self.line(title, variant.state()[kind], varied=varied)
        return Line(line.measured, variant.at_the_end())
