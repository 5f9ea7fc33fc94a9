"""Every stage's tensors are on the run's device, and the figures of a seed on the CPU are what they always were.

No GPU is at hand where these tests run. The device here is PyTorch's "meta", whose tensors have shapes and no numbers:
an operation between tensors of two devices is an error there as it would be on a GPU.
"""

from dataclasses import replace

import pytest
import torch
from conftest import SMOKE
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from zoetrope_export.apt_training import AptStage
from zoetrope_export.consistency_training import ConsistencyStage
from zoetrope_export.dataset import LatentDataset
from zoetrope_export.decoder_training import DecoderStage
from zoetrope_export.flow_training import FlowStage
from zoetrope_export.mmdit import Mmdit
from zoetrope_export.osv_discriminator import BackboneClassifier, BackboneConfig, BackboneStage
from zoetrope_export.osv_training import OsvFirstStage, OsvSecondStage
from zoetrope_export.text import TextBatch
from zoetrope_export.toyworld import WorldConfig
from zoetrope_export.vae import Vae
from zoetrope_export.vae_training import VaeStage

META = torch.device("meta")
WORLD = WorldConfig(size=16, frame_count=5)
CONFIG = replace(SMOKE.generator, frames=2, height=2, width=2, patch=1, model_width=16, heads=2, local_width=8)
CLIPS = 6
_MOVES = ("_to_copy", "copy_", "set_")


class OneDevice(TorchDispatchMode):
    """Raises where tensors of two devices meet, other than to be copied; numbers alone may come from the CPU."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        leaves = tree_leaves((args, kwargs))
        devices = {t.device.type for t in leaves if isinstance(t, torch.Tensor) and t.ndim > 0}
        assert len(devices) < 2 or any(name in str(func) for name in _MOVES), f"{func} of {devices}"
        drawn = [g for g in leaves if isinstance(g, torch.Generator)]
        out = func(*args, **(kwargs or {}))
        for generator in drawn:
            assert out.device == generator.device, (
                f"{func} draws on {out.device} with a generator of {generator.device}"
            )
        return out


class Generator(torch.Generator):
    """Says that it is of the device it was made for, also of the meta device, which has none."""

    def __new__(cls, device="cpu"):
        made = super().__new__(cls)
        made.asked = torch.device(device)
        return made

    @property
    def device(self):
        return self.asked


@pytest.fixture
def elsewhere(monkeypatch):
    autocast = torch.autocast
    monkeypatch.setattr(torch, "Generator", Generator)
    monkeypatch.setattr(torch, "autocast", lambda device, *args, **kw: autocast("cpu", *args, **kw))
    monkeypatch.setattr(torch.Tensor, "item", lambda self: 0.5)
    with OneDevice():
        yield META


def clips(device):
    text = TextBatch(torch.randn(CLIPS, 16, 384).half(), torch.ones(CLIPS, 16, dtype=torch.long))
    return LatentDataset(torch.randn(CLIPS, 12, 2, 2, 2).to(device), text.to(device))


class Words:
    """A text encoder that knows no words."""

    def encode(self, prompts):
        return TextBatch(torch.randn(len(prompts), 16, 384), torch.ones(len(prompts), 16, dtype=torch.long))


def stage(name, device):
    """A stage of the recipe, as it starts from checkpoints that lie on the CPU."""
    vae, data = Vae(SMOKE.vae).to(device), clips(device)
    without = TextBatch(torch.randn(1, 16, 384), torch.ones(1, 16, dtype=torch.long))
    weights = Mmdit(CONFIG).state_dict()
    teacher, backbone = {"ema": weights}, BackboneClassifier(BackboneConfig()).state_dict()
    osv, apt = SMOKE.osv_recipe, replace(SMOKE.apt_recipe, pull=1.0)
    match name:
        case "vae":
            return VaeStage(SMOKE.vae, WORLD, SMOKE.vae_recipe, 1, device)
        case "decoder":
            return DecoderStage(SMOKE.decoder_recipe, SMOKE.vae_recipe, vae, Mmdit(CONFIG), Words(), WORLD, 1)
        case "teacher":
            return FlowStage(CONFIG, SMOKE.flow_recipe, data, without, 1)
        case "consistency":
            return ConsistencyStage(CONFIG, SMOKE.consistency_recipe, teacher, backbone, data, without, 1)
        case "apt":
            return AptStage("apt", CONFIG, apt, weights, weights, data, clips(device), 1)
        case "osv-backbone":
            return BackboneStage(BackboneConfig(), osv.backbone, vae, WORLD, 1)
    first = OsvFirstStage(CONFIG, osv, teacher, backbone, data, 1)
    return first if name == "osv-1" else OsvSecondStage(CONFIG, osv, teacher, first.state(), backbone, data, 1)


@pytest.mark.parametrize("name", ["vae", "teacher", "decoder", "consistency", "apt", "osv-backbone", "osv-1", "osv-2"])
def test_a_stage_computes_on_the_device_of_its_clips(elsewhere, name):
    trained = stage(name, elsewhere)
    updates = {"vae": (0, trained.schedule.steps - 1), "apt": (9, 10)}.get(name, (9,))
    for step in updates:
        trained.update(step)
        trained.opened_at = step  # opens APT's gate
    trained.load(trained.state())
