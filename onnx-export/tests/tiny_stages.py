"""Every training stage at a tiny size, so that an update takes almost no time; its start weights are random."""

from dataclasses import replace

import torch
from conftest import SMOKE

from zoetrope_export.data.dataset import LatentDataset
from zoetrope_export.data.text import TextBatch
from zoetrope_export.data.toyworld import WorldConfig
from zoetrope_export.models.backbone import BackboneClassifier, BackboneConfig
from zoetrope_export.models.mmdit import Mmdit
from zoetrope_export.models.vae import Vae
from zoetrope_export.training import products
from zoetrope_export.training.apt import AptStage
from zoetrope_export.training.backbone import BackboneStage
from zoetrope_export.training.consistency import ConsistencyStage
from zoetrope_export.training.decoder import DecoderStage
from zoetrope_export.training.osv import OsvFirstStage, OsvSecondStage
from zoetrope_export.training.teacher import TeacherStage
from zoetrope_export.training.trajectories import Trajectories
from zoetrope_export.training.vae import VaeStage

STAGES = ["vae", "teacher", "decoder", "osv-backbone", "consistency", "apt", "osv-1", "osv-2"]
WORLD = WorldConfig(size=16, frame_count=5)
CONFIG = replace(SMOKE.generator, frames=2, height=2, width=2, patch=1, model_width=16, heads=2, local_width=8)
CLIPS = 6


def clips(device):
    text = TextBatch(torch.randn(CLIPS, 16, 384).half(), torch.ones(CLIPS, 16, dtype=torch.long))
    return LatentDataset(torch.randn(CLIPS, 12, 2, 2, 2).to(device), text.to(device))


class ConstantTextEncoder:
    """A text encoder that gives the same embedding for every prompt."""

    def encode(self, prompts):
        return TextBatch(torch.ones(len(prompts), 16, 384), torch.ones(len(prompts), 16, dtype=torch.long))


def trajectories(data):
    """Random trajectories of the sizes of the smoke preset."""
    solver, rng = SMOKE.consistency_recipe.solver, torch.Generator().manual_seed(4)
    points = torch.randn(solver.count, solver.timesteps + 1, *data.latents.shape[1:], generator=rng).half()
    rows, keep = torch.randint(len(data), (solver.count,), generator=rng), torch.ones(solver.count)
    return Trajectories(
        points=points.to(data.device), rows=rows.to(data.device), keep=keep.to(data.device), dataset=data
    )


def stage(name, device):
    """A stage on `device`, as the pipeline makes it from checkpoints on the CPU."""
    vae, data = Vae(SMOKE.vae).to(device), clips(device)
    empty_text = TextBatch(torch.randn(1, 16, 384), torch.ones(1, 16, dtype=torch.long))
    weights = Mmdit(CONFIG).state_dict()
    backbone = BackboneClassifier(BackboneConfig()).state_dict()
    osv, apt = SMOKE.osv_recipe, replace(SMOKE.apt_recipe, pull=1.0)
    match name:
        case "vae":
            return VaeStage(config=SMOKE.vae, world=WORLD, recipe=SMOKE.vae_recipe, seed=1, device=device)
        case "decoder":
            return DecoderStage(
                recipe=SMOKE.decoder_recipe,
                loss=SMOKE.vae_recipe,
                vae=vae,
                teacher=Mmdit(CONFIG),
                encoder=ConstantTextEncoder(),
                world=WORLD,
                seed=1,
            )
        case "teacher":
            return TeacherStage(config=CONFIG, recipe=SMOKE.flow_recipe, dataset=data, empty_text=empty_text, seed=1)
        case "consistency":
            return ConsistencyStage(
                config=CONFIG,
                recipe=SMOKE.consistency_recipe,
                start=weights,
                backbone=backbone,
                trajectories=trajectories(data),
                seed=1,
            )
        case "apt":
            return AptStage(
                name="apt",
                config=CONFIG,
                recipe=apt,
                teacher=weights,
                start=weights,
                dataset=data,
                fresh=clips(device),
                seed=1,
            )
        case "osv-backbone":
            return BackboneStage(config=BackboneConfig(), schedule=osv.backbone, vae=vae, world=WORLD, seed=1)
    shared = {"config": CONFIG, "recipe": osv, "teacher": weights, "backbone": backbone, "dataset": data, "seed": 1}
    first = OsvFirstStage(**shared)
    return first if name == "osv-1" else OsvSecondStage(**shared, first=products.OSV_FIRST.of(first.state()))
