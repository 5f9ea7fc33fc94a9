"""The text path: a WordPiece tokenizer and a frozen sentence encoder, read from the files that a bundle contains."""

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
    """A batch of tokenized prompts: `input_ids` and `attention_mask`, both int64 [B, L]."""

    input_ids: np.ndarray
    attention_mask: np.ndarray


@dataclass(frozen=True)
class TextBatch:
    """A batch of text: `embedding` float32 [B, L, E], and `mask` int64 [B, L], 1 on real tokens and 0 on padding."""

    embedding: torch.Tensor
    mask: torch.Tensor

    def __getitem__(self, rows: torch.Tensor | slice) -> TextBatch:
        return TextBatch(self.embedding[rows], self.mask[rows])

    def to(self, device: torch.device) -> TextBatch:
        """Returns the same text on the given device."""
        return TextBatch(self.embedding.to(device), self.mask.to(device))


class TextEncoder:
    """Encodes prompts to token embeddings with ONNX Runtime.

    Raises `FileNotFoundError` if a file is missing.
    """

    def __init__(self, model: Path, tokenizer: Path, threads: int = 0) -> None:
        for path in (model, tokenizer):
            if not path.exists():
                raise FileNotFoundError(
                    f"{path} is missing: run the Java build, which writes it; ./zoetrope demo starts with that build"
                )
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def tokenize(self, prompts: list[str]) -> TokenBatch:
        """Returns token ids, padded to one common length, a multiple of `PAD_TO_MULTIPLE_OF`.

        Raises `ValueError` if a prompt has more than `MAX_TOKENS` tokens.
        """
        rows = [e.ids for e in self._tokenizer.encode_batch(prompts)]
        longest = max(len(r) for r in rows)
        if longest > MAX_TOKENS:
            raise ValueError(f"a prompt has {longest} tokens, the encoder accepts at most {MAX_TOKENS}: shorten it")
        length = -(-longest // PAD_TO_MULTIPLE_OF) * PAD_TO_MULTIPLE_OF
        ids = np.zeros((len(rows), length), np.int64)
        mask = np.zeros((len(rows), length), np.int64)
        for i, row in enumerate(rows):
            ids[i, : len(row)], mask[i, : len(row)] = row, 1
        return TokenBatch(ids, mask)

    def encode(self, prompts: list[str]) -> TextBatch:
        """Returns the embeddings of a batch of prompts."""
        tokens = self.tokenize(prompts)
        feeds = {
            "input_ids": tokens.input_ids,
            "attention_mask": tokens.attention_mask,
            "token_type_ids": np.zeros_like(tokens.input_ids),
        }
        hidden = np.asarray(self._session.run(["last_hidden_state"], feeds)[0])
        return TextBatch(torch.from_numpy(hidden), torch.from_numpy(tokens.attention_mask))
