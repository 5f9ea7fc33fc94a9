"""Multi-head attention as one function, so that an export can choose its ONNX form.

PyTorch computes it with its fused kernel. `bundle/operators.py` writes it as ONNX Runtime's fused operator, which never
holds the scores of all tokens, or as matrix products and a softmax, which every runtime has.
"""

from __future__ import annotations

import torch
from torch.nn import functional as F
from torch.overrides import handle_torch_function, has_torch_function


def attention(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, heads: int) -> torch.Tensor:
    """Returns softmax(q k^T / sqrt(head)) v for each head: q [B, N, D], k and v [B, M, D] -> [B, N, D]."""
    if has_torch_function((q, k, v)):
        return handle_torch_function(attention, (q, k, v), q, k, v, heads)
    q, k, v = (x.unflatten(-1, (heads, -1)).transpose(1, 2) for x in (q, k, v))  # [B, heads, N, head]
    return F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)
