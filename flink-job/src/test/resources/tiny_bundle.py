"""Writes three bundles beside this file: a few kilobytes whose numbers can all be computed by hand.

Clips of tiny-image-bundle/ may start with an image. The generator of tiny-faulty-bundle/ fails in a way that the number
of a prompt's tokens chooses.

Run: python tiny_bundle.py (needs onnx, numpy and tokenizers)
"""

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

HERE = Path(__file__).parent
WIDTH, CHANNELS, T, H, W = 4, 2, 2, 2, 2
FRAMES, HEIGHT, VIDEO_WIDTH = 5, 16, 16
FAILS, NAN, OUT_OF_MEMORY = 6, 7, 8
WORDS = "[PAD] [UNK] [CLS] [SEP] a red blue circle star moves left right up down".split()
NUMPY = {"float32": np.float32, "int64": np.int64, "uint8": np.uint8}


def main() -> None:
    bundle(HERE / "tiny-bundle", "tiny", images=False)
    bundle(HERE / "tiny-image-bundle", "tiny-image", images=True)
    bundle(HERE / "tiny-faulty-bundle", "tiny-faulty", images=False, faulty=True)


def bundle(folder: Path, name: str, images: bool, faulty: bool = False) -> None:
    folder.mkdir(exist_ok=True)
    tokenizer(folder)
    first_frame = ["B", CHANNELS, H, W]
    ids, text = ["B", "L"], ["B", "L", WIDTH]
    latents = ["B", CHANNELS, T, H, W]
    graphs = {
        "text_encoder": (
            text_encoder(),
            {"input_ids": ("int64", ids), "attention_mask": ("int64", ids), "token_type_ids": ("int64", ids)},
            {"last_hidden_state": ("float32", text)},
        ),
        "generator": (
            generator(images) if not faulty else faulty_generator(),
            {
                "latents": ("float32", latents),
                "timestep": ("float32", ["B"]),
                "text_embedding": ("float32", text),
                "text_mask": ("int64", ids),
                **({"first_frame": ("float32", first_frame), "first_frame_mask": ("float32", ["B"])} if images else {}),
            },
            {"velocity": ("float32", latents)},
        ),
        "decoder": (
            decoder(),
            {"latents": ("float32", latents)},
            {"frames": ("uint8", ["B", FRAMES, HEIGHT * 3 // 2, VIDEO_WIDTH])},
        ),
    }
    if images:
        graphs["image_encoder"] = (
            image_encoder(),
            {"image": ("uint8", ["B", HEIGHT, VIDEO_WIDTH, 3])},
            {"first_frame": ("float32", first_frame)},
        )
    stages = {stage: save(folder, stage, *parts) for stage, parts in graphs.items()}
    second = {"name": "time-travel", "steps": 2, "timesteps": [0.5, 1.0]}
    if not images:
        second = {"name": "two-step", "steps": 2, "timesteps": [1.0, 0.5]}
    manifest = {
        "format": 1,
        "name": name,
        "version": "0.0.1",
        "license": "Apache-2.0",
        "tokenizer": {**digested(folder / "tokenizer.json"), "max_tokens": 16, "pad_to_multiple_of": 8},
        **stages,
        "latents": {
            "channels": CHANNELS,
            "frames": T,
            "height": H,
            "width": W,
            "spatial_compression": 8,
            "temporal_compression": 4,
            "shift": [0.0] * CHANNELS,
            "scale": [1.0] * CHANNELS,
        },
        "samplers": [
            {"name": "one-step", "steps": 1, "timesteps": [1.0]},
            second,
        ],
        "video": {"width": VIDEO_WIDTH, "height": HEIGHT, "frame_count": FRAMES, "frame_rate": {"num": 12, "den": 1}},
        "provenance": {"recipe": "tiny_bundle.py", "commit": "none", "quality": {"colour": 0.0}},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


def tokenizer(folder: Path) -> None:
    words = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    words.normalizer = normalizers.Lowercase()
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    words.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    # As in the shipped tokenizer: settings that would cut and pad behind the job's back.
    words.enable_truncation(6)
    words.enable_padding(length=12)
    words.save(str(folder / "tokenizer.json"))


def text_encoder() -> list[onnx.NodeProto]:
    """h[l] = e(id[l]) + the mean of e over the real tokens, e(id) = (id, id/2, id/4, 1); token_type_ids adds itself."""
    table = np.array([[i, i / 2, i / 4, 1] for i in range(len(WORDS))], np.float32)
    return [
        const("table", table),
        node("Gather", ["table", "input_ids"], "e"),
        *masked_mean("e", "attention_mask", "mean"),
        node("Add", ["e", "mean"], "h"),
        const("last", np.array([-1], np.int64)),
        node("Unsqueeze", ["token_type_ids", "last"], "types_l1"),
        node("Cast", ["types_l1"], "types", to=TensorProto.FLOAT),
        node("Add", ["h", "types"], "last_hidden_state"),
    ]


def generator(images: bool) -> list[onnx.NodeProto]:
    """velocity = gain[channel] x latents + timestep + the mean of the real rows' first number; gain = (1/2, 1/4).

    With images, and first_frame x first_frame_mask, on every latent frame.
    """
    from_text = [
        node("Mul", ["latents", "gain"], "scaled"),
        const("to_bcthw", np.array([-1, 1, 1, 1, 1], np.int64)),
        node("Reshape", ["timestep", "to_bcthw"], "t"),
        node("Add", ["scaled", "t"], "timed"),
        *masked_mean("text_embedding", "text_mask", "mean"),
        const("first", np.array(0, np.int64)),
        node("Gather", ["mean", "first"], "word_b1", axis=2),
        node("Reshape", ["word_b1", "to_bcthw"], "word"),
        node("Add", ["timed", "word"], "told" if images else "velocity"),
    ]
    if not images:
        return from_text
    return [
        *from_text,
        node("Reshape", ["first_frame_mask", "to_bcthw"], "given"),
        const("time", np.array([2], np.int64)),
        node("Unsqueeze", ["first_frame", "time"], "every_frame"),
        node("Mul", ["every_frame", "given"], "shown"),
        node("Add", ["told", "shown"], "velocity"),
    ]


def faulty_generator() -> list[onnx.NodeProto]:
    """The generator, with faults: with a prompt of FAILS tokens the run throws; with NAN tokens the prompt's velocity
    is NaN; with OUT_OF_MEMORY tokens in a batch of two or more the run needs a petabyte; with more tokens the run does
    not end.
    """
    tensor = helper.make_tensor_value_info
    body = helper.make_graph(
        [node("Identity", ["go"], "go_on"), node("Identity", ["v"], "v_next")],
        "again",
        [
            tensor("trip", TensorProto.INT64, []),
            tensor("go", TensorProto.BOOL, []),
            tensor("v", TensorProto.FLOAT, None),
        ],
        [tensor("go_on", TensorProto.BOOL, []), tensor("v_next", TensorProto.FLOAT, None)],
    )
    healthy = generator(images=False)
    healthy[-1] = node("Add", ["timed", "word"], "healthy")
    return [
        *healthy,
        const("length_axis", np.array([1], np.int64)),
        node("ReduceSum", ["text_mask", "length_axis"], "tokens", keepdims=0),
        const("fails", np.array(FAILS, np.int64)),
        *any_prompt("Equal", "fails", "any_fails"),
        const("zeros", np.zeros(1, np.float32)),
        *choice("any_fails", 1 << 20, 0, "entry"),
        node("Gather", ["zeros", "entry"], "zero_or_failure"),
        node("Add", ["healthy", "zero_or_failure"], "failing"),
        const("nan_tokens", np.array(NAN, np.int64)),
        node("Equal", ["tokens", "nan_tokens"], "is_nan"),
        const("nan", np.array(np.nan, np.float32)),
        const("zero", np.array(0, np.float32)),
        node("Where", ["is_nan", "nan", "zero"], "nan_or_zero_b"),
        node("Reshape", ["nan_or_zero_b", "to_bcthw"], "nan_or_zero"),
        node("Add", ["failing", "nan_or_zero"], "with_nan"),
        const("oom_tokens", np.array(OUT_OF_MEMORY, np.int64)),
        *any_prompt("Equal", "oom_tokens", "any_oom"),
        node("Size", ["timestep"], "batch"),
        const("one", np.array(1, np.int64)),
        const("first_axis", np.array([0], np.int64)),
        node("Greater", ["batch", "one"], "shared"),
        node("And", ["any_oom", "shared"], "too_large"),
        *choice("too_large", 1 << 48, 0, "numbers"),
        node("Unsqueeze", ["numbers", "first_axis"], "numbers_1"),
        node("ConstantOfShape", ["numbers_1"], "memory"),
        node("ReduceSum", ["memory"], "nothing", keepdims=0),
        node("Add", ["with_nan", "nothing"], "with_memory"),
        const("most_tokens", np.array(OUT_OF_MEMORY, np.int64)),
        *any_prompt("Greater", "most_tokens", "any_endless"),
        *choice("any_endless", 1 << 62, 0, "trips"),
        const("always", np.array(True)),
        node("Loop", ["trips", "always", "with_memory"], "velocity", body=body),
    ]


def any_prompt(op: str, limit: str, answer: str) -> list[onnx.NodeProto]:
    """A boolean: whether the comparison holds for the number of tokens of any prompt."""
    return [
        node(op, ["tokens", limit], f"{answer}_b"),
        node("Cast", [f"{answer}_b"], f"{answer}_numbers", to=TensorProto.INT64),
        node("ReduceMax", [f"{answer}_numbers"], f"{answer}_number", keepdims=0),
        node("Cast", [f"{answer}_number"], answer, to=TensorProto.BOOL),
    ]


def choice(condition: str, yes: int, no: int, result: str) -> list[onnx.NodeProto]:
    return [
        const(f"{result}_yes", np.array(yes, np.int64)),
        const(f"{result}_no", np.array(no, np.int64)),
        node("Where", [condition, f"{result}_yes", f"{result}_no"], result),
    ]


def image_encoder() -> list[onnx.NodeProto]:
    """first_frame[c, y, x] = the mean of red (c = 0) or green (c = 1) over the cell's 8 x 8 pixels, 0 to 255."""
    return [
        node("Cast", ["image"], "levels", to=TensorProto.FLOAT),
        node("Transpose", ["levels"], "planes", perm=[0, 3, 1, 2]),
        node("AveragePool", ["planes"], "cells", kernel_shape=[8, 8], strides=[8, 8]),
        const("from", np.array([0], np.int64)),
        const("to", np.array([CHANNELS], np.int64)),
        const("channels", np.array([1], np.int64)),
        node("Slice", ["cells", "from", "to", "channels"], "first_frame"),
    ]


def decoder() -> list[onnx.NodeProto]:
    """frames[f, y, x] = 100 + 10 x the mean of all latents + 4 f + y + 2 x, rounded."""
    ramp = (
        4 * np.arange(FRAMES, dtype=np.float32).reshape(1, -1, 1, 1)
        + np.arange(HEIGHT * 3 // 2, dtype=np.float32).reshape(1, 1, -1, 1)
        + 2 * np.arange(VIDEO_WIDTH, dtype=np.float32).reshape(1, 1, 1, -1)
    )
    return [
        const("axes", np.array([2, 3, 4], np.int64)),
        node("ReduceMean", ["latents", "axes"], "mean_bc", keepdims=0),
        const("channel", np.array([1], np.int64)),
        node("ReduceMean", ["mean_bc", "channel"], "mean", keepdims=0),
        const("to_bfyx", np.array([-1, 1, 1, 1], np.int64)),
        node("Reshape", ["mean", "to_bfyx"], "mean_bfyx"),
        const("ten", np.array(10, np.float32)),
        node("Mul", ["mean_bfyx", "ten"], "brightness"),
        const("ramp", (100 + ramp).astype(np.float32)),
        node("Add", ["brightness", "ramp"], "levels"),
        node("Round", ["levels"], "rounded"),
        node("Cast", ["rounded"], "frames", to=TensorProto.UINT8),
    ]


def masked_mean(values: str, mask: str, mean: str) -> list[onnx.NodeProto]:
    """[B, 1, E]: the mean of the rows whose mask is 1."""
    return [
        const(f"{mean}_axis", np.array([-1], np.int64)),
        node("Unsqueeze", [mask, f"{mean}_axis"], f"{mean}_mask_l1"),
        node("Cast", [f"{mean}_mask_l1"], f"{mean}_mask", to=TensorProto.FLOAT),
        node("Mul", [values, f"{mean}_mask"], f"{mean}_real"),
        const(f"{mean}_rows", np.array([1], np.int64)),
        node("ReduceSum", [f"{mean}_real", f"{mean}_rows"], f"{mean}_sum", keepdims=1),
        node("ReduceSum", [f"{mean}_mask", f"{mean}_rows"], f"{mean}_count", keepdims=1),
        node("Div", [f"{mean}_sum", f"{mean}_count"], mean),
    ]


def node(op: str, inputs: list[str], output: str, **attributes: object) -> onnx.NodeProto:
    return helper.make_node(op, inputs, [output], **attributes)


def const(name: str, value: np.ndarray) -> onnx.NodeProto:
    return helper.make_node("Constant", [], [name], value=numpy_helper.from_array(value))


def save(folder: Path, name: str, nodes: list, inputs: dict, outputs: dict) -> dict:
    def infos(tensors: dict) -> list:
        return [
            helper.make_tensor_value_info(k, helper.np_dtype_to_tensor_dtype(np.dtype(NUMPY[d])), shape)
            for k, (d, shape) in tensors.items()
        ]

    gain = numpy_helper.from_array(np.array([0.5, 0.25], np.float32).reshape(1, 2, 1, 1, 1), "gain")
    initializers = [gain] if name == "generator" else []
    model = helper.make_model(
        helper.make_graph(nodes, name, infos(inputs), infos(outputs), initializers),
        opset_imports=[helper.make_opsetid("", 18)],
        ir_version=10,
    )
    onnx.checker.check_model(model, full_check=True)
    external = f"{name}.weights"
    (folder / external).unlink(missing_ok=True)  # onnx would write behind what is there
    onnx.save(
        model, folder / f"{name}.onnx", save_as_external_data=bool(initializers), location=external, size_threshold=0
    )
    specs = [{k: {"dtype": d, "shape": shape} for k, (d, shape) in side.items()} for side in (inputs, outputs)]
    return {
        **digested(folder / f"{name}.onnx"),
        "external_data": [digested(folder / external)] if initializers else [],
        "inputs": specs[0],
        "outputs": specs[1],
        "max_batch": 4,
        "precision": "float32",
    }


def digested(path: Path) -> dict:
    return {"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


if __name__ == "__main__":
    main()
