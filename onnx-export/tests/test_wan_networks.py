"""The Wan networks in PyTorch against the reference, and properties of the graphs that are traced from them."""

import json
import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import onnx
import pytest
import torch
from golden_sets import SETS, GoldenSet, committed, error
from torch import nn

from zoetrope_export.bundle.traced_values import Port
from zoetrope_export.bundle.tracing import trace
from zoetrope_export.bundle.wan_export import Network, WanExport
from zoetrope_export.models.wan.transformer import Transformer
from zoetrope_export.models.wan.vae import Vae, VaeConfig
from zoetrope_export.published.check import load
from zoetrope_export.published.importer import read_model

DECODER_BOUND = 1e-3


@pytest.mark.parametrize("folder", SETS, ids=lambda folder: folder.name)
def test_the_decoder_in_float32(folder):
    golden = GoldenSet(folder)
    vae = load(Vae, read_model(golden.folder, golden.options()).networks["vae"])
    video = vae.decode(torch.from_numpy(golden.tensors["decode_latents"])).clamp(-1, 1)
    assert error(video.numpy(), golden.tensors["decode_video"]) < DECODER_BOUND


def test_every_part_of_the_transformer():
    golden = committed("wan21-t2v")
    network = load(Transformer, read_model(golden.folder, golden.options()).networks["transformer"])
    found = {}

    def keep(name, part):
        part.register_forward_hook(lambda _, __, output: found.update({name: output}))

    keep("inside_patch_embedding", network.patch_embedding)
    keep("inside_temb", network.condition_embedder.time_embedder)
    keep("inside_timestep_proj", network.condition_embedder.time_proj)
    keep("text_tokens", network.condition_embedder.text_embedder)
    keep("rope", network.rotary)
    for i, block in enumerate(network.blocks):
        keep(f"inside_block{i}", block)
    with torch.no_grad():
        text = torch.from_numpy(golden.tensors["prompt_embeds"][:1])
        network(torch.from_numpy(golden.tensors["noise_0"]), torch.tensor([[1000.0]]), text)
    tokens, (cosine, sine) = found.pop("text_tokens"), found.pop("rope")
    found |= {"inside_text_tokens_first8": tokens[:, :8], "inside_text_tokens_last": tokens[:, -1:]}
    for name, values in (("inside_rope_cos", cosine), ("inside_rope_sin", sine)):
        found[name] = values[None].repeat_interleave(2, dim=-1)  # the reference stores each value twice
    expected = {key: value for key, value in golden.tensors.items() if key.startswith("inside_")}
    assert found.keys() == expected.keys()
    for name, values in found.items():
        assert error(values.numpy().reshape(expected[name].shape), expected[name]) < 1e-5, name


class Ramp(nn.Module):
    """Adds the position along an axis."""

    def __init__(self, make):
        super().__init__()
        self.make = make

    def forward(self, x):
        return x + self.make(x)


def ramp(make):
    ports = [Port(name=name, dtype=torch.float32, axes=("B", "N")) for name in ("x", "y")]
    return trace(Ramp(make), ports[:1], ports[1:], {"B": 2, "N": 3})


def test_a_tensor_that_would_keep_the_size_of_the_example_is_refused():
    with pytest.raises(ValueError, match="a tensor that was made without a traced one would keep the example's sizes"):
        ramp(lambda x: torch.arange(x.shape[1], device="meta").float())
    assert ramp(lambda x: x.new_ones(1).expand(x.shape[1]).cumsum(0)).nodes


def test_a_function_without_an_onnx_form_is_named():
    with pytest.raises(NotImplementedError, match="the PyTorch function erfinv has no ONNX form"):
        ramp(torch.erfinv)


@dataclass(frozen=True)
class Values:
    """A weight in memory."""

    tensor: torch.Tensor

    @property
    def dtype(self):
        return self.tensor.dtype

    @property
    def shape(self):
        return tuple(self.tensor.shape)

    def read(self):
        return self.tensor


PEAK = """
import json, resource, sys
import numpy as np, onnxruntime as ort
options = ort.SessionOptions()
options.intra_op_num_threads = 1
session = ort.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
latents = np.random.default_rng(0).standard_normal((1, 16, int(sys.argv[2]), 16, 16)).astype(np.float32)
frames = session.run(None, {"latents": latents})[0]
print(json.dumps({"frames": frames.shape[1], "kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))
"""


def test_the_decoders_memory_does_not_grow_with_the_number_of_frames(tmp_path):
    config = VaeConfig(
        latent_channels=16,
        encoder_width=2,
        decoder_width=12,
        widths=(1, 2, 4, 4),
        blocks=1,
        halves_time=(False, True, True),
        residual=False,
        patch=1,
        mean=(0.0,) * 16,
        deviation=(1.0,) * 16,
    )
    torch.manual_seed(0)
    weights = {name: Values(parameter.detach()) for name, parameter in Vae(config).named_parameters()}
    entry = WanExport(tmp_path, "fused").decoder(Network(config=config, weights=weights))
    assert entry["external_data"][0]["file"] == "decoder.weights"

    def peak(latent_frames):
        command = [sys.executable, "-c", PEAK, str(tmp_path / "decoder.onnx"), str(latent_frames)]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    short, long = peak(3), peak(9)
    assert (short["frames"], long["frames"]) == (9, 33)
    growth = long["kib"] - short["kib"]
    print(f"peak memory: {short['kib'] / 1024:.0f} MiB with 9 frames, {long['kib'] / 1024:.0f} MiB with 33")
    # 24 more frames of 128x128 are 0.6 MiB of YUV; as float32 in one layer they would be 18 MiB.
    assert growth < 8 * 1024


def test_the_weights_of_the_decoder_are_outside_of_its_loop_once(tmp_path):
    golden = committed("wan21-t2v")
    model = read_model(golden.folder, golden.options())
    WanExport(tmp_path, "fused").decoder(model.networks["vae"])
    graph = onnx.load(tmp_path / "decoder.onnx", load_external_data=False).graph
    (loop,) = (node for node in graph.node if node.op_type == "Loop")
    assert not any(tensor.external_data for tensor in loop.attribute[0].g.initializer)
    names = [tensor.name for tensor in graph.initializer if tensor.external_data]
    assert (
        len(names)
        == len(set(names))
        == sum(name.startswith(("decoder.", "post_")) for name in model.networks["vae"].weights)
    )


def test_graphs_say_nothing_about_the_machine(tmp_path):
    golden = committed("wan21-t2v")
    bundle = golden.imported(tmp_path / "bundle")
    for graph in tmp_path.glob("bundle/*.onnx"):
        data = graph.read_bytes()
        assert b".py" not in data
        assert str(tmp_path).encode() not in data
        names = [tensor.name for tensor in onnx.load(graph, load_external_data=False).graph.initializer]
        assert len(names) == len(set(names))
    assert bundle.manifest["provenance"]["source"]["repository"] == "wan21-t2v"
    assert np.array_equal(bundle.latent_shape, (16, 3, 4, 6))
