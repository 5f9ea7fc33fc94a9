"""The operations of published models, counted on their networks, and the measurement of an import at tiny sizes."""

import dataclasses

import torch
from golden_sets import COMMITTED

from zoetrope_export.published import true_width
from zoetrope_export.published.work import (
    CLIPS,
    WAN_14B,
    Clip,
    Rates,
    measured_rates,
    table,
    work_of_decoder,
    work_of_pass,
    work_of_text,
)

TINY_TRANSFORMER = dataclasses.replace(
    WAN_14B,
    layers=1,
    heads=2,
    head_width=12,
    ffn_width=20,
    in_channels=4,
    out_channels=4,
    text_width=8,
    time_width=16,
    frame_timesteps=True,
)
TINY = true_width.Sizes(
    text_encoder=dataclasses.replace(
        true_width.UMT5_XXL, layers=1, heads=2, head_width=4, width=8, ffn_width=12, vocabulary=150
    ),
    transformer=TINY_TRANSFORMER,
    vae=dataclasses.replace(
        true_width.VAE_2_2,
        latent_channels=4,
        encoder_width=2,
        decoder_width=2,
        blocks=1,
        mean=(0.0,) * 4,
        deviation=(1.0,) * 4,
    ),
)


def test_the_operations_of_a_pass_are_those_of_the_formula():
    clip = dataclasses.replace(CLIPS[0], transformer=dataclasses.replace(WAN_14B, layers=2))
    n, d, text = clip.tokens, WAN_14B.width, 512
    work = work_of_pass(clip)
    assert clip.tokens == 32760
    assert work.attention == 2 * (4 * n * n * d + 4 * n * text * d)
    layer = 2 * n * d * d * 6 + 2 * text * d * d * 2 + 4 * n * d * WAN_14B.ffn_width  # q, k, v, o; q, o and k, v
    embedders = 2 * (256 * d + d * d + 6 * d * d) + 2 * text * (4096 * d + d * d) + 2 * n * d * 64
    assert work.products == 2 * layer + embedders
    assert work.convolutions == 2 * n * d * 16 * 4


def test_the_decoders_operations_grow_with_frames_and_the_texts_with_tokens():
    small = Clip(name="x", transformer=TINY_TRANSFORMER, vae=TINY.vae, width=64, height=64, frames=5)
    longer = dataclasses.replace(small, frames=17)
    assert work_of_decoder(longer).total * 2 == work_of_decoder(small).total * 5
    assert work_of_text(512).total > 8 * work_of_text(64).total > 0


def test_seconds_follow_from_the_rates():
    clip = Clip(name="tiny", transformer=TINY_TRANSFORMER, vae=TINY.vae, width=64, height=64, frames=5)
    work = work_of_pass(clip)
    assert work.seconds(Rates(products=work.products, attention=work.attention, convolutions=work.convolutions)) == 3
    rates = measured_rates("cpu", torch.float32, scale=32)
    assert min(rates.products, rates.attention, rates.convolutions) > 0
    assert "| tiny | 64x64, 5 frames | 8 |" in table(rates, (clip,))


def test_an_import_with_random_weights_is_measured(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(COMMITTED.parent / "src"))
    rows = true_width.measure(tmp_path, TINY)
    assert [row.split("|")[1].strip() for row in rows] == [
        "import",
        "text_encoder",
        "generator",
        "image_encoder",
        "decoder",
    ]
    assert "## Computed" in true_width.report(1, rows, table(measured_rates("cpu", torch.float32, 32), ()), {"x": 1e9})
