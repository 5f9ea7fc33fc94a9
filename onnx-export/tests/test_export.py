"""An export refuses graphs that depend on the batch size, and leaves out metadata of the machine."""

import onnx
import pytest
import torch
from torch import nn

from zoetrope_export.bundle.export import Graph, ImageEncoderGraph, export_graph
from zoetrope_export.models.vae import Vae, VaeConfig
from zoetrope_export.sampling.samplers import TWO_EVALUATIONS


class SumOverTokens(nn.Module):
    """Pools with a sum. Runtimes sum in another order in a batch of one than in a larger batch."""

    def forward(self, text_embedding):
        return text_embedding.sum(1)


class PoolByProduct(nn.Module):
    """Pools with a matrix product. The result is equal, bit for bit, in every batch size."""

    def forward(self, text_embedding):
        return (torch.ones_like(text_embedding[:, :1, :1].expand(-1, 1, 16)) @ text_embedding).squeeze(1)


def graph(module: nn.Module) -> Graph:
    text = torch.randn(4, 16, 384, generator=torch.Generator().manual_seed(0))
    return Graph(name="pool", module=module.eval(), inputs={"text_embedding": text}, output="pooled", sequence_axis={})


def test_a_graph_whose_result_depends_on_the_batch_size_is_refused(tmp_path):
    with pytest.raises(ValueError, match="a clip in a batch of 1 differs from the same clip in a batch of 4"):
        export_graph(graph(SumOverTokens()), tmp_path / "pool.onnx")
    assert export_graph(graph(PoolByProduct()), tmp_path / "pool.onnx") < 1e-5


def test_an_exported_graph_has_no_metadata_of_the_machine(tmp_path):
    export_graph(graph(PoolByProduct()), tmp_path / "pool.onnx")
    exported = (tmp_path / "pool.onnx").read_bytes()
    assert b".py" not in exported
    assert all(not node.metadata_props for node in onnx.load_from_string(exported).graph.node)


def test_an_image_is_encoded_like_the_first_frame_of_a_clip(tmp_path):
    torch.manual_seed(0)
    vae = Vae(VaeConfig(coarse=16, middle=16, fine=8, finest=8)).eval().requires_grad_(False)
    for parameter in vae.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    image = torch.randint(0, 256, (4, 64, 64, 3), dtype=torch.uint8)
    module = ImageEncoderGraph(vae).eval()

    clip = torch.rand(4, 3, 17, 64, 64) * 2 - 1
    clip[:, :, 0] = image.permute(0, 3, 1, 2) / 127.5 - 1
    assert torch.allclose(module(image), vae.encode(clip)[:, :, 0], atol=1e-5)
    error = export_graph(
        Graph(name="image_encoder", module=module, inputs={"image": image}, output="first_frame", sequence_axis={}),
        tmp_path / "image.onnx",
    )
    assert error < 1e-3


def test_every_sampler_of_two_evaluations_evaluates_once_at_noise():
    for timesteps in TWO_EVALUATIONS.values():
        assert sorted(timesteps)[1] == 1.0
        assert 0 < sorted(timesteps)[0] < 1
