"""The text path: a WordPiece tokenizer and a frozen sentence encoder, both as the bundle ships them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime as ort
import torch
from tokenizers import Tokenizer

MAX_TOKENS = 64
PAD_TO_MULTIPLE_OF = 16


@dataclass(frozen=True)
class TokenBatch:
    """`input_ids` and `attention_mask`, both int64 [B, L]."""

    input_ids: np.ndarray
    attention_mask: np.ndarray


@dataclass(frozen=True)
class TextBatch:
    """`embedding` float32 [B, L, E] and `mask` int64 [B, L]: 1 on real tokens, 0 on padding."""

    embedding: torch.Tensor
    mask: torch.Tensor

    def __getitem__(self, rows: torch.Tensor | slice) -> TextBatch:
        return TextBatch(self.embedding[rows], self.mask[rows])

    def to(self, device: torch.device) -> TextBatch:
        """The same text on a device."""
        return TextBatch(self.embedding.to(device), self.mask.to(device))


class TextEncoder:
    """Prompts to token embeddings, on ONNX Runtime."""

    def __init__(self, model: Path, tokenizer: Path, threads: int = 0) -> None:
        for path in (model, tokenizer):
            if not path.exists():
                raise FileNotFoundError(
                    f"{path} is missing: the Java build puts it there, which ./zoetrope demo begins with"
                )
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def tokenize(self, prompts: list[str]) -> TokenBatch:
        """Token ids, padded together to a multiple of `PAD_TO_MULTIPLE_OF`."""
        rows = [e.ids for e in self._tokenizer.encode_batch(prompts)]
        longest = max(len(r) for r in rows)
        if longest > MAX_TOKENS:
            raise ValueError(f"a prompt has {longest} tokens, the encoder takes {MAX_TOKENS}: shorten it")
        length = -(-longest // PAD_TO_MULTIPLE_OF) * PAD_TO_MULTIPLE_OF
        ids = np.zeros((len(rows), length), np.int64)
        mask = np.zeros((len(rows), length), np.int64)
        for i, row in enumerate(rows):
            ids[i, : len(row)], mask[i, : len(row)] = row, 1
        return TokenBatch(ids, mask)

    def encode(self, prompts: list[str]) -> TextBatch:
        """Embeddings of a batch of prompts."""
        tokens = self.tokenize(prompts)
        feeds = {
            "input_ids": tokens.input_ids,
            "attention_mask": tokens.attention_mask,
            "token_type_ids": np.zeros_like(tokens.input_ids),
        }
        hidden = np.asarray(self._session.run(["last_hidden_state"], feeds)[0])
        return TextBatch(torch.from_numpy(hidden), torch.from_numpy(tokens.attention_mask))
