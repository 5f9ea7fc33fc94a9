"""Writes the damaged graphs of damaged-graphs/: each takes the place of one graph of tiny-bundle/.

Run: python damaged_graphs.py (needs onnx and numpy)
"""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

HERE = Path(__file__).parent
FOLDER = HERE / "damaged-graphs"
TYPES = {"float32": TensorProto.FLOAT, "int64": TensorProto.INT64, "uint8": TensorProto.UINT8}
MANIFEST = json.loads((HERE / "tiny-bundle/manifest.json").read_text())
FRAMES, ROWS, WIDTH = MANIFEST["decoder"]["outputs"]["frames"]["shape"][1:]


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, graph in {**generators(), **decoders()}.items():
        stage = name.split("-")[0]
        (FOLDER / f"{name}.onnx").write_bytes(graph if isinstance(graph, bytes) else model(stage, *graph))


def model(stage: str, nodes: list, constants: dict, domain: str = "", ir_version: int = 8) -> bytes:
    """Returns a graph with the signature of a stage of the tiny bundle."""
    inputs, outputs = (
        [
            helper.make_tensor_value_info(name, TYPES[spec["dtype"]], spec["shape"])
            for name, spec in MANIFEST[stage][side].items()
        ]
        for side in ("inputs", "outputs")
    )
    initializers = [
        value if isinstance(value, TensorProto) else numpy_helper.from_array(np.asarray(value), name)
        for name, value in constants.items()
    ]
    opsets = [helper.make_opsetid("", 17), *([helper.make_opsetid(domain, 1)] if domain else [])]
    graph = helper.make_graph(nodes, stage, inputs, outputs, initializers)
    return helper.make_model(graph, opset_imports=opsets, ir_version=ir_version).SerializeToString()


def node(kind: str, inputs: str, output: str, **attributes) -> onnx.NodeProto:
    return helper.make_node(kind, inputs.split(), output.split(), **attributes)


def generators() -> dict:
    times = node("Mul", "latents n", "velocity")
    f32 = np.float32
    batch = [node("Shape", "latents", "s"), node("Gather", "s zero", "b")]
    scaled = [node("Cast", "q", "f", to=TensorProto.FLOAT), node("Mul", "latents f", "velocity")]
    return {
        "generator-nan": ([times], {"n": np.array([np.nan], f32)}),
        "generator-infinite": ([node("Div", "latents n", "velocity")], {"n": np.array([0], f32)}),
        "generator-unknown-operator": ([node("Evil", "latents", "velocity", domain="com.evil")], {}, "com.evil"),
        "generator-future-version": ([node("Identity", "latents", "velocity")], {}, "", 99),
        "generator-empty": b"",
        "generator-without-outputs": helper.make_model(
            helper.make_graph([], "g", [], []), opset_imports=[helper.make_opsetid("", 17)], ir_version=8
        ).SerializeToString(),
        "generator-cycle": ([node("Add", "a latents", "velocity"), node("Identity", "velocity", "a")], {}),
        "generator-division-by-zero": (
            [*batch, node("Div", "b zero", "q"), *scaled],
            {"zero": np.array([0])},
        ),
        "generator-computed-division-by-zero": (
            [*batch, node("Sub", "b b", "nothing"), node("Div", "b nothing", "q"), *scaled],
            {"zero": np.array([0])},
        ),
        "generator-index": (
            [
                node("Shape", "timestep", "s"),
                node("Add", "s big", "i"),
                node("Gather", "table i", "x"),
                node("Mul", "latents x", "velocity"),
            ],
            {"big": np.array([1 << 40]), "table": np.ones(4, f32)},
        ),
        "generator-nested": nested(25),
        "generator-endless": endless(),
        **{
            f"generator-external-{name}": external(**entries)
            for name, entries in {
                "offset": {"offset": 1 << 62},
                "negative": {"offset": -4096},
                "length": {"length": 1 << 40},
                "memory": {"location": "*/_ORT_MEM_ADDR_/*", "offset": 4096},
            }.items()
        },
    }


def external(location: str = "generator.weights", offset: int = 0, length: int = 8) -> tuple:
    tensor = TensorProto(name="n", data_type=TensorProto.FLOAT, dims=[2], data_location=TensorProto.EXTERNAL)
    for key, value in (("location", location), ("offset", offset), ("length", length)):
        tensor.external_data.add(key=key, value=str(value))
    nodes = [node("ReduceSum", "n", "r", keepdims=0), node("Mul", "latents r", "velocity")]
    return nodes, {"n": tensor}


def nested(depth: int) -> tuple:
    result = [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)]
    last = helper.make_graph([node("Identity", "latents", "y")], "last", [], result)
    graph = last
    for _ in range(depth):
        graph = helper.make_graph([node("If", "c", "y", then_branch=graph, else_branch=last)], "g", [], result)
    return [*graph.node, node("Identity", "y", "velocity")], {"c": np.array(True)}


def endless() -> tuple:
    value = helper.make_tensor_value_info
    body = helper.make_graph(
        [node("Identity", "ci", "co"), node("Mul", "xi one", "xo")],
        "body",
        [value("i", TensorProto.INT64, []), value("ci", TensorProto.BOOL, []), value("xi", TensorProto.FLOAT, None)],
        [value("co", TensorProto.BOOL, []), value("xo", TensorProto.FLOAT, None)],
    )
    constants = {"trips": np.array(1 << 62), "true": np.array(True), "one": np.array([1], np.float32)}
    return [node("Loop", "trips true latents", "velocity", body=body)], constants


def decoders() -> dict:
    return {
        "decoder-more-frames": constant_frames(FRAMES + 1, ROWS, WIDTH),
        "decoder-no-frames": constant_frames(0, ROWS, WIDTH),
        "decoder-swapped-axes": constant_frames(ROWS, FRAMES, WIDTH),
        "decoder-huge": constant_frames(1 << 20, 1 << 15, 1 << 15),
        "decoder-two-batches": constant_frames(FRAMES, ROWS, WIDTH, rows=2),
    }


def constant_frames(*tail: int, rows: int = 1) -> tuple:
    nodes = [
        node("Shape", "latents", "s"),
        node("Gather", "s zero", "b"),
        node("Mul", "b rows", "batch"),
        node("Concat", "batch tail", "shape", axis=0),
        node("Expand", "v shape", "frames"),
    ]
    constants = {"zero": np.array([0]), "rows": np.array([rows]), "tail": np.array(tail), "v": np.array([7], np.uint8)}
    return nodes, constants


if __name__ == "__main__":
    main()
