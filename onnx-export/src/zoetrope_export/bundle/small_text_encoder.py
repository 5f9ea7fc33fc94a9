"""A text encoder with the vocabulary of the toy world alone, small enough to be sent to a training machine."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper
from tokenizers import Tokenizer

from zoetrope_export.bundle.export import store_in_half
from zoetrope_export.data.toyworld import captions, scenes

_WORDS = "embeddings.word_embeddings.weight"


def write_small_text_encoder(files: Path, out: Path) -> None:
    """Writes text_encoder.onnx and tokenizer.json to `out`, derived from the files of the same names in `files`.

    The weights are in half precision. The table of word embeddings keeps the rows of words in captions; every other
    word has the embedding of the unknown token.
    """
    out.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(files / "tokenizer.json", out / "tokenizer.json")
    tokenizer = Tokenizer.from_file(str(files / "tokenizer.json"))
    tokenizer.no_padding()
    words_of_captions = {word for scene in scenes() for caption in captions(scene) for word in caption.split()}
    ids = {i for row in tokenizer.encode_batch(sorted(words_of_captions)) for i in row.ids}
    unknown = next(i for token, i in tokenizer.get_vocab().items() if token == "[UNK]")
    kept = [unknown, *sorted(ids - {unknown})]
    model = onnx.load(files / "text_encoder.onnx")
    table = next(tensor for tensor in model.graph.initializer if tensor.name == _WORDS)
    words = numpy_helper.to_array(table)
    rows = np.zeros(len(words), np.int64)
    rows[kept] = np.arange(len(kept))
    table.CopyFrom(numpy_helper.from_array(words[kept], _WORDS))
    model.graph.initializer.append(numpy_helper.from_array(rows, "rows"))
    gather = next(node for node in model.graph.node if node.op_type == "Gather" and node.input[0] == _WORDS)
    row_lookup = helper.make_node("Gather", ["rows", gather.input[1]], ["row"])
    gather.input[1] = "row"
    model.graph.node.insert(0, row_lookup)
    onnx.save(model, out / "text_encoder.onnx")
    store_in_half(out / "text_encoder.onnx")
