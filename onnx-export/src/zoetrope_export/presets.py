"""Named recipes: what is trained, for how long, at which size."""

from __future__ import annotations

from dataclasses import dataclass, field

from zoetrope_export.apt_training import AptRecipe, Gate
from zoetrope_export.consistency_training import ConsistencyRecipe
from zoetrope_export.decoder_training import DecoderRecipe
from zoetrope_export.findings.recipe import FindingsRecipe
from zoetrope_export.flow_training import FlowRecipe
from zoetrope_export.mmdit import MmditConfig
from zoetrope_export.osv_training import OsvRecipe
from zoetrope_export.toyworld import WorldConfig
from zoetrope_export.training import Schedule
from zoetrope_export.vae import VaeConfig
from zoetrope_export.vae_training import VaeRecipe


@dataclass(frozen=True)
class Preset:
    """Everything that a run of training needs to be told.

    The VAE learns `world`, the generator `dataset_world`, which may leave less to chance. Adversarial post-training is
    of images first where there is a recipe for it. `two_evaluations` names the sampler of two steps that the
    bundle lists, "two-step" (APT's) or "time-travel" (OSV's).
    """

    name: str
    seed: int
    world: WorldConfig
    vae: VaeConfig
    vae_recipe: VaeRecipe
    dataset_world: WorldConfig
    dataset_clips: int
    generator: MmditConfig
    flow_recipe: FlowRecipe
    decoder_recipe: DecoderRecipe
    consistency_recipe: ConsistencyRecipe
    apt_recipe: AptRecipe
    osv_recipe: OsvRecipe
    apt_image_recipe: AptRecipe | None = None
    two_evaluations: str = "two-step"
    findings_recipe: FindingsRecipe = field(default_factory=FindingsRecipe)


TOYBOX_64 = Preset(
    name="toybox-64",
    seed=7,
    world=WorldConfig(),
    vae=VaeConfig(),
    vae_recipe=VaeRecipe(Schedule(steps=900, batch=8, learning_rate=2e-3)),
    dataset_world=WorldConfig(),
    dataset_clips=20480,
    generator=MmditConfig(local_width=48),
    flow_recipe=FlowRecipe(
        Schedule(steps=6000, batch=64, learning_rate=3e-3, decay_from=0.4), shift=2.5, from_noise=0.1
    ),
    decoder_recipe=DecoderRecipe(Schedule(steps=300, batch=16, learning_rate=1e-3)),
    consistency_recipe=ConsistencyRecipe(
        Schedule(steps=1600, batch=64, learning_rate=1e-3, decay_from=0.4), compiled=True
    ),
    # Decision 0011. A large shift was no better, perhaps because a network that predicts x looks away from its input
    # near t = 1.
    apt_recipe=AptRecipe(
        Schedule(steps=1300, batch=64, learning_rate=5e-5, decay_from=1.0),
        gate=Gate(accuracy=0.65, at_most=1000),
        trunk_scale=2.0,
        heads_scale=0.6,
        pull=20.0,
        shift=0.5,
        ema=0.99,
        compiled=True,
    ),
    osv_recipe=OsvRecipe(
        backbone=Schedule(steps=1500, batch=16, learning_rate=2e-3),
        first=Schedule(steps=200, batch=64, learning_rate=3e-4),
        second=Schedule(steps=200, batch=64, learning_rate=3e-4),
    ),
)

# One run of about 20 minutes on an H200; the paper's frame rate and length at a size that a run of minutes can fill.
# Not trained yet: whatever is not TOYBOX_64's is a guess. So are the `steps`, which the minutes replace: they follow
# from counted operations (GFLOP a clip: VAE 208, teacher 31, consistency 125, APT 160, OSV's second stage 75) at an
# assumed 40 TFLOP/s for the generator, 5% of what such a GPU does in large matrix products, since a network this narrow
# waits for memory, and 10 TFLOP/s for the VAE. The size is bounded by what may come back from a lent GPU: a generator
# of 8.05 M weights is, in half precision, a file of 15.4 MiB.
TOYBOX_128 = Preset(
    name="toybox-128",
    seed=7,
    world=WorldConfig(size=128, frame_count=49, frame_rate=24),
    vae=VaeConfig(),
    vae_recipe=VaeRecipe(Schedule(steps=600, batch=16, learning_rate=2e-3, minutes=3.5)),
    dataset_world=WorldConfig(size=128, frame_count=49, frame_rate=24),
    dataset_clips=32768,
    generator=MmditConfig(frames=13, height=16, width=16, patch=2, model_width=192, depth=8),
    flow_recipe=FlowRecipe(
        Schedule(steps=4500, batch=128, learning_rate=3e-3, decay_from=0.4, minutes=7.5), shift=4.0, from_noise=0.1
    ),
    decoder_recipe=DecoderRecipe(Schedule(steps=300, batch=16, learning_rate=1e-3, minutes=1.0)),
    consistency_recipe=ConsistencyRecipe(
        Schedule(steps=300, batch=128, learning_rate=1e-3, decay_from=0.4, minutes=2.0), shift=3.0
    ),
    apt_recipe=AptRecipe(
        Schedule(steps=900, batch=64, learning_rate=5e-5, decay_from=1.0, minutes=4.0),
        gate=Gate(accuracy=0.75, at_most=700),
        trunk_scale=2.0,
        heads_scale=0.6,
        shift=0.5,
        ema=0.99,
        pull=20.0,
    ),
    osv_recipe=OsvRecipe(
        backbone=Schedule(steps=1500, batch=16, learning_rate=2e-3, minutes=0.5),
        first=Schedule(steps=900, batch=64, learning_rate=3e-4, minutes=1.0),
        second=Schedule(steps=750, batch=64, learning_rate=3e-4, minutes=1.5),
    ),
)

# Every stage in about two minutes on two cores: proves the chain, learns next to nothing.
SMOKE = Preset(
    name="smoke",
    seed=7,
    world=WorldConfig(),
    vae=VaeConfig(coarse=32, middle=32, fine=16, finest=16),
    vae_recipe=VaeRecipe(Schedule(steps=20, batch=4, learning_rate=2e-3, warmup=5)),
    dataset_world=WorldConfig(variety=0.1),
    dataset_clips=128,
    generator=MmditConfig(model_width=96, depth=2, heads=4, local_width=16),
    flow_recipe=FlowRecipe(Schedule(steps=60, batch=32, learning_rate=1e-3, warmup=5)),
    decoder_recipe=DecoderRecipe(Schedule(steps=10, batch=4, learning_rate=1e-3, warmup=5)),
    consistency_recipe=ConsistencyRecipe(
        Schedule(steps=20, batch=32, learning_rate=3e-4, warmup=5), timesteps=4, solver_steps=2
    ),
    apt_recipe=AptRecipe(Schedule(steps=14, batch=16, learning_rate=1e-4, warmup=2), gate=Gate(accuracy=0.4)),
    osv_recipe=OsvRecipe(
        backbone=Schedule(steps=10, batch=4, learning_rate=2e-3, warmup=2),
        first=Schedule(steps=4, batch=16, learning_rate=3e-4, warmup=2),
        second=Schedule(steps=4, batch=16, learning_rate=3e-4, warmup=2),
        solver_steps=2,
        trained_blocks=1,
    ),
    apt_image_recipe=AptRecipe(
        Schedule(steps=14, batch=16, learning_rate=1e-4, warmup=2),
        gate=Gate(accuracy=0.4),
        r1_sigma=0.01,
        drop_first_frame=1.0,
    ),
    findings_recipe=FindingsRecipe(
        prompts=4, seeds=2, alone=4, updates=10, snapshots=2, small_batch=4, ema=0.9, osv_updates=4
    ),
)

PRESETS = {preset.name: preset for preset in (TOYBOX_64, TOYBOX_128, SMOKE)}
