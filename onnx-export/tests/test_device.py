"""Every stage's tensors are on the run's device.

These tests need no GPU. Their device is PyTorch's "meta", whose tensors have shapes and no values: an operation between
tensors of two devices is an error there, as on a GPU.
"""

import pytest
import torch
from tiny_stages import STAGES, stage
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

META = torch.device("meta")
_MOVES = ("_to_copy", "copy_", "set_")


class OneDevice(TorchDispatchMode):
    """Fails on an operation between tensors of two devices, except copies; scalars may be on the CPU."""

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
    """A generator that reports the device it was made for, also for the meta device, which has no generators."""

    def __new__(cls, device="cpu"):
        made = super().__new__(cls)
        made.requested = torch.device(device)
        return made

    @property
    def device(self):
        return self.requested


@pytest.fixture
def meta_device(monkeypatch):
    """The meta device, with PyTorch patched so that an update runs on it."""
    autocast = torch.autocast
    monkeypatch.setattr(torch, "Generator", Generator)
    monkeypatch.setattr(torch, "autocast", lambda device, *args, **kw: autocast("cpu", *args, **kw))
    monkeypatch.setattr(torch.Tensor, "item", lambda self: 0.5)
    with OneDevice():
        yield META


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_computes_on_the_device_of_its_clips(meta_device, name):
    trained = stage(name, meta_device)
    updates = {"vae": (0, trained.schedule.steps - 1), "apt": (9, 10)}.get(name, (9,))
    for step in updates:
        trained.update(step)
        trained.opened_at = step  # opens APT's gate
    trained.load(trained.state())
