"""What an export refuses, and what it leaves out."""

import onnx
import pytest
import torch
from torch import nn

from zoetrope_export.export import Graph, export_graph


class SumOverTokens(nn.Module):
    """A pool as one would write it; runtimes add up one clip in another order than several."""

    def forward(self, text_embedding):
        return text_embedding.sum(1)


class PoolByProduct(nn.Module):
    """The same pool, to the bit whatever the batch."""

    def forward(self, text_embedding):
        return (torch.ones_like(text_embedding[:, :1, :1].expand(-1, 1, 16)) @ text_embedding).squeeze(1)


def graph(module: nn.Module) -> Graph:
    text = torch.randn(4, 16, 384, generator=torch.Generator().manual_seed(0))
    return Graph("pool", module.eval(), {"text_embedding": text}, "pooled", {})


def test_a_clip_that_depends_on_how_many_are_beside_it_is_refused(tmp_path):
    with pytest.raises(ValueError, match="a clip in a batch of 1 differs from itself in a batch of 4"):
        export_graph(graph(SumOverTokens()), tmp_path / "pool.onnx")
    assert export_graph(graph(PoolByProduct()), tmp_path / "pool.onnx") < 1e-5


def test_a_graph_tells_nothing_of_the_machine_that_exported_it(tmp_path):
    export_graph(graph(PoolByProduct()), tmp_path / "pool.onnx")
    exported = (tmp_path / "pool.onnx").read_bytes()
    assert b".py" not in exported
    assert all(not node.metadata_props for node in onnx.load_from_string(exported).graph.node)
