"""Planted faults: each is a mistake that gives plausible numbers, and the comparison with the reference catches it."""

import numpy as np
import onnxruntime as ort
import pytest
import torch
from golden_sets import committed, error, levels
from torch.nn import functional as F

from zoetrope_export.bundle.wan_export import WanExport
from zoetrope_export.bundle.wan_graphs import FirstFrameGenerator
from zoetrope_export.data.yuv import to_yuv
from zoetrope_export.models.wan import transformer
from zoetrope_export.models.wan.vae import Stream
from zoetrope_export.published.importer import read_model

BOUND = 1e-4
pytestmark = pytest.mark.xdist_group("wan22-ti2v")


@pytest.fixture(scope="module")
def golden():
    return committed("wan22-ti2v")


@pytest.fixture(scope="module")
def model(golden):
    return read_model(golden.folder, golden.options())


@pytest.fixture
def generator(model, tmp_path):
    """Exports the generator, with whatever fault is planted, and returns a function that runs it."""

    def run(**feeds):
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        WanExport(folder, "fused").generator("generator", model.networks["transformer"])
        session = ort.InferenceSession(folder / "generator.onnx", providers=["CPUExecutionProvider"])
        return session.run(None, feeds)[0]

    return run


@pytest.fixture
def decoder(model, tmp_path):
    def run(latents):
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        WanExport(folder, "fused").decoder(model.networks["vae"])
        session = ort.InferenceSession(folder / "decoder.onnx", providers=["CPUExecutionProvider"])
        return session.run(None, {"latents": latents})[0]

    return run


def feeds(golden, timestep=1000.0, image=False):
    """Returns one pass from the set's noise, with 32 rows of text of which some are padding."""
    noise = golden.tensors["noise_0"]
    return {
        "latents": noise,
        "timestep": np.array([timestep], np.float32),
        "sigma": np.array([timestep / 1000], np.float32),
        "text_embedding": golden.tensors["prompt_embeds"][:1, :32],
        "text_mask": golden.tensors["attention_mask"][:1, :32],
        "first_frame": golden.tensors["first_frame"] if image else np.zeros_like(noise[:, :, 0]),
        "first_frame_mask": np.full(1, float(image), np.float32),
    }


def test_without_a_fault_the_generator_and_the_decoder_agree(golden, generator, decoder):
    assert error(generator(**feeds(golden)), golden.tensors["velocity_t1000"]) < BOUND
    assert levels(decoder(golden.tensors["decode_latents"]), expected_frames(golden)) <= 1


def expected_frames(golden):
    return to_yuv(torch.from_numpy(golden.tensors["decode_video"])).numpy()


def test_planted_sigma_in_place_of_the_timestep(golden, generator):
    v = generator(**feeds(golden) | {"timestep": np.array([0.757], np.float32)})
    assert error(v, golden.tensors["velocity_t757"]) > 10 * BOUND
    v = generator(**feeds(golden) | {"timestep": np.array([757], np.float32)})
    assert error(v, golden.tensors["velocity_t757"]) < BOUND


def test_planted_norm_of_queries_and_keys_per_head(golden, generator, model, monkeypatch):
    heads = model.layout.transformer.heads

    def per_head(self, x):
        split = x.unflatten(-1, (heads, -1))
        normed = split * torch.rsqrt(split.square().mean(-1, keepdim=True) + self.eps)
        return normed.flatten(2) * self.weight

    monkeypatch.setattr(transformer.RmsNorm, "forward", per_head)
    assert error(generator(**feeds(golden)), golden.tensors["velocity_t1000"]) > 10 * BOUND


def test_planted_first_frame_that_is_not_put_back(golden, generator, monkeypatch):
    golden_latents = golden.tensors["i2v_sample_euler-1_latents"]

    def sampled():
        given = feeds(golden, image=True)
        return given["latents"] - generator(**given)

    assert error(sampled(), golden_latents) < BOUND
    whole = FirstFrameGenerator.forward

    def not_put_back(self, latents, timestep, sigma, text_embedding, text_mask, first_frame, first_frame_mask):
        class Outer:
            """Keeps the network's own velocity of the first frame."""

            def __init__(self, network):
                self.network = self.call
                self.inner = network

            def call(self, *args):
                self.velocity = self.inner(*args)
                return self.velocity

        outer = Outer(self.network)
        whole(outer, latents, timestep, sigma, text_embedding, text_mask, first_frame, first_frame_mask)
        return outer.velocity

    monkeypatch.setattr(FirstFrameGenerator, "forward", not_put_back)
    assert error(sampled(), golden_latents) > 10 * BOUND


def test_planted_mask_in_cross_attention(golden, generator, monkeypatch):
    def masked(self, x, context, rotation=None):
        q, k, v = self.norm_q(self.to_q(x)), self.norm_k(self.to_k(context)), self.to_v(context)
        if rotation is not None:
            q, k = (transformer.rotate(part, *rotation, self.heads) for part in (q, k))
            return self.to_out[0](transformer.attention(q, k, v, self.heads))
        # Rows of padding are equal to the last one, which is always padding.
        padding = ((context - context[:, -1:]).square().mean(-1) == 0).float()[:, None, None]
        q, k, v = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in (q, k, v))
        scores = q @ k.transpose(2, 3) * int(k.shape[-1]) ** -0.5 + padding * -1e9
        return self.to_out[0]((torch.softmax(scores, dim=-1) @ v).transpose(1, 2).flatten(2))

    monkeypatch.setattr(transformer.Attention, "forward", masked)
    assert error(generator(**feeds(golden)), golden.tensors["velocity_t1000"]) > 10 * BOUND


def test_planted_text_without_rows_of_zeros(golden, generator, monkeypatch):
    def not_padded(text_embedding, text_mask):
        return text_embedding * text_mask.to(text_embedding.dtype)[..., None]

    monkeypatch.setattr("zoetrope_export.bundle.wan_graphs.pad_text", not_padded)
    assert error(generator(**feeds(golden)), golden.tensors["velocity_t1000"]) > 10 * BOUND


def test_planted_padding_that_is_not_zero(golden, generator, monkeypatch):
    def kept(text_embedding, text_mask):
        return F.pad(text_embedding, (0, 0, 0, 512))[:, :512]

    given = feeds(golden)
    given["text_embedding"] = given["text_embedding"] + 0.1  # also the rows of padding, as a text encoder gives them
    expected = generator(**given)
    monkeypatch.setattr("zoetrope_export.bundle.wan_graphs.pad_text", kept)
    assert error(generator(**given), expected) > 10 * BOUND


def test_planted_first_frame_repeated_in_front_of_the_decoder(golden, decoder, monkeypatch):
    def repeated(self, x, frames):
        kept = x.new_zeros(1).expand(*x.shape[:2], frames, *x.shape[3:])
        if self._kept is not None:
            kept = self._kept[len(self.keeps)]
        first = x[:, :, -1:].expand(-1, -1, frames, -1, -1)
        extended = torch.cat([torch.where(self.first > 0, first, kept), x], dim=2)
        self.keeps.append(extended[:, :, -frames:])
        return extended

    monkeypatch.setattr(Stream, "extend", repeated)
    assert levels(decoder(golden.tensors["decode_latents"]), expected_frames(golden)) > 2


def test_planted_frames_of_the_decoder_in_another_order_of_pixel_patches(golden, decoder, monkeypatch):
    def other_order(video, patch):
        blocks = video.unflatten(1, (-1, patch, patch))
        return blocks.permute(0, 1, 4, 5, 2, 6, 3).flatten(5, 6).flatten(3, 4)

    monkeypatch.setattr("zoetrope_export.models.wan.vae.unpatchify", other_order)
    assert levels(decoder(golden.tensors["decode_latents"]), expected_frames(golden)) > 2


def test_planted_schedule_of_a_public_scheduler(golden, tmp_path):
    """A public Euler scheduler at shift 5 lists other sigmas for four steps than the students were distilled for."""
    bundle = golden.imported(tmp_path / "bundle", steps=(4,), sampler="euler")
    text, seed = bundle.encode_text(golden.info["prompts"][0]), golden.info["seeds"]["noise"]
    shape = golden.tensors["noise_0"].shape[1:]
    right = bundle.samplers[0]
    sigmas = (1.0, 0.910, 0.717, 0.024)
    wrong = type(right)(**{**vars(right), "sigmas": sigmas, "timesteps": tuple(1000 * s for s in sigmas)})
    expected = golden.tensors["sample_euler-4_latents"]
    assert error(bundle.sample(right, text, seed, shape), expected) < BOUND
    assert error(bundle.sample(wrong, text, seed, shape), expected) > 10 * BOUND
