"""Measures the generators of the findings, with the same code as the main report's rows."""

from __future__ import annotations

import torch

from zoetrope_export.evaluation.evaluation import WORLD_TITLES, Evaluation, Measured
from zoetrope_export.evaluation.prompts import PROMPTS_SEED, held_out_prompts
from zoetrope_export.evaluation.rows import ClipSampler, Row, Sampler, sample_one_step
from zoetrope_export.findings.finding import Line
from zoetrope_export.findings.variants import Variant, VariantTrainer
from zoetrope_export.recipes.run_files import generator_of, load_vae


class Evaluator:
    """Measures every generator on the same prompts and noise."""

    def __init__(self, trainer: VariantTrainer) -> None:
        self.preset, self.seeds = trainer.preset, trainer.recipe.seeds
        self.prompts = held_out_prompts(trainer.recipe.prompts, PROMPTS_SEED)
        self.evaluation = Evaluation(self.prompts, self.preset.world)
        self.sampler = ClipSampler(load_vae(self.preset, trainer.run), trainer.encoder)

    def world(self) -> Measured:
        """Returns the row of the world's own clips, which shows the measurement's own error at this number of clips."""
        reference = self.evaluation.reference
        return Measured(
            title=WORLD_TITLES[0],
            source="world",
            metrics=reference.measure(reference.frames, None),
            clips=reference.frames,
        )

    def line(
        self,
        title: str,
        weights: dict[str, torch.Tensor],
        *,
        sampler: Sampler = sample_one_step,
        guidance: float | None = None,
        from_first_frame: bool = False,
        diversity: bool = False,
    ) -> Line:
        """Returns the row of a generator. `diversity` is optional because it costs as much as all other metrics."""
        print(f"measuring {title}", flush=True)
        row = Row(title, "findings", sampler, guidance=guidance, from_first_frame=from_first_frame)
        model = generator_of(self.preset, weights)
        return Line(self.evaluation.sampled(row, model, self.sampler, self.seeds if diversity else 0))

    def variant(self, title: str, variant: Variant, *, raw: bool = False, diversity: bool = False) -> Line:
        """Returns the row of a variant's averaged weights, or of its `raw` ones, with the end of its log."""
        weights = variant.weights()
        line = self.line(title, weights.model if raw else weights.ema, diversity=diversity)
        return Line(line.measured, variant.final_log())
