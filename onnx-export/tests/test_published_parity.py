"""Bundles of published models compute what the public reference does: every tensor of the golden sets."""

import math

import numpy as np
import onnx
import pytest
import torch
from golden_sets import SETS, GoldenSet, committed, error, levels, yuv_of_rgb8
from onnx.reference import ReferenceEvaluator
from safetensors.torch import load_file, save_file

from zoetrope_export.bundle.bundle import EncodedText, Pass
from zoetrope_export.bundle.manifest import read_manifest
from zoetrope_export.data.yuv import to_yuv
from zoetrope_export.published import schedules
from zoetrope_export.published.importer import import_model
from zoetrope_export.published.lora import LoraFile
from zoetrope_export.sampling.noise import noise

TEXT_BOUND = VELOCITY_BOUND = LATENTS_BOUND = 1e-4


def sets(*tensors):
    """Returns the folders of the sets with certain tensors. One process runs the tests of a set and imports it once."""
    return [
        pytest.param(folder, marks=pytest.mark.xdist_group(folder.name), id=folder.name)
        for folder in SETS
        if set(tensors) <= set(np.load(folder / "golden.npz").files)
    ]


from_text = pytest.mark.parametrize("served", sets("velocity_t1000"), indirect=True)
from_image = pytest.mark.parametrize("served", sets("image"), indirect=True)


@pytest.fixture(scope="module", params=sets())
def served(request, tmp_path_factory):
    """A golden set and the bundle that its import makes."""
    golden = GoldenSet(request.param)
    return golden, golden.imported(tmp_path_factory.mktemp(golden.name) / "bundle")


def texts(golden, bundle, rows) -> EncodedText:
    """Returns the texts of a batch. Their lengths have to be equal after padding."""
    encoded = [bundle.encode_text(golden.info["prompts"][row]) for row in rows]
    length = max(text.input_ids.shape[1] for text in encoded)

    def pad(values):
        return np.concatenate([np.pad(v, [(0, 0), (0, length - v.shape[1]), *[(0, 0)] * (v.ndim - 2)]) for v in values])

    parts = ("input_ids", "attention_mask", "embedding")
    return EncodedText(*(pad([getattr(text, part) for text in encoded]) for part in parts))


def image_of(golden, bundle):
    """Returns what the image encoder makes of the set's image; None if the set has none."""
    if "image" not in golden.tensors:
        return None
    return bundle.encode_image(golden.tensors["image"][None], golden.info["latent"][0])


def at(bundle, timestep: float, sigma: float | None = None, generator: str | None = None) -> Pass:
    name = generator or next(iter(bundle.manifest["generators"]))
    return Pass(timestep=timestep, sigma=timestep / 1000 if sigma is None else sigma, generator=name)


def test_prompts_become_the_references_tokens_and_embeddings(served):
    golden, bundle = served
    for row, prompt in enumerate(golden.info["prompts"]):
        text = bundle.encode_text(prompt)
        length = text.input_ids.shape[1]
        assert np.array_equal(text.input_ids[0], golden.tensors["input_ids"][row, :length])
        assert np.array_equal(text.attention_mask[0], golden.tensors["attention_mask"][row, :length])
        assert not golden.tensors["attention_mask"][row, length:].any()
        real = text.embedding * text.attention_mask[..., None]
        assert error(real[0], golden.tensors["prompt_embeds"][row, :length]) < TEXT_BOUND


@from_text
def test_velocities_at_one_pass(served):
    golden, bundle = served
    text = texts(golden, bundle, [0])
    prefixes = dict(zip(("velocity_t", "velocity_2_t"), bundle.manifest["generators"], strict=False))
    for prefix, generator in prefixes.items():
        names = [name for name in golden.tensors if name.startswith(prefix)]
        assert names
        for name in names:
            at_ = at(bundle, float(name.removeprefix(prefix)), generator=generator)
            v = bundle.velocity(golden.tensors["noise_0"], at_, text)
            assert error(v, golden.tensors[name]) < VELOCITY_BOUND
    other = bundle.velocity(golden.tensors["other_latents"], at(bundle, 833.3333), text)
    assert error(other, golden.tensors["other_velocity"]) < VELOCITY_BOUND


@from_text
def test_a_video_in_a_batch_equals_the_video_alone(served):
    golden, bundle = served
    name, entry = next(iter(bundle.manifest["generators"].items()))
    session = bundle._sessions[name]
    both = texts(golden, bundle, [0, 1])

    def run(rows):
        latents = golden.tensors["pair_latents"][rows]
        feeds = {
            "latents": latents,
            "timestep": np.array([1000, 522], np.float32)[rows],
            "text_embedding": both.embedding[rows],
            "text_mask": both.attention_mask[rows],
        }
        if "sigma" in entry["inputs"]:
            feeds |= {
                "sigma": np.ones(len(latents), np.float32),
                "first_frame": np.zeros_like(latents[:, :, 0]),
                "first_frame_mask": np.zeros(len(latents), np.float32),
            }
        return session.run(None, feeds)[0]

    pair = run(slice(0, 2))
    assert error(pair, golden.tensors["pair_velocity"]) < VELOCITY_BOUND
    assert np.array_equal(pair, np.concatenate([run(slice(0, 1)), run(slice(1, 2))]))


@from_image
def test_the_image_is_encoded_as_the_reference_does(served):
    golden, bundle = served
    image = image_of(golden, bundle)
    name = "first_frame" if "first_frame" in golden.tensors else "condition"
    assert error(image, golden.tensors[name]) < VELOCITY_BOUND


@from_image
def test_velocities_with_the_image(served):
    golden, bundle = served
    image, text = image_of(golden, bundle), texts(golden, bundle, [0])
    for timestep, generator in ((1000, 0), (522, -1)):
        pass_ = at(bundle, timestep, generator=list(bundle.manifest["generators"])[generator])
        v = bundle.velocity(golden.tensors["noise_0"], pass_, text, image)
        expected = golden.tensors[f"i2v_velocity_t{timestep}"]
        if image.ndim == 4:  # the velocity of the first frame leads to that frame, whatever the network says
            assert np.allclose(golden.tensors["noise_0"][:, :, 0] - pass_.sigma * v[:, :, 0], image, atol=1e-5)
            v, expected = v[:, :, 1:], expected[:, :, 1:]
        assert error(v, expected) < VELOCITY_BOUND


def test_latents_and_frames_of_every_sampler(served):
    golden, bundle = served
    image, text = image_of(golden, bundle), texts(golden, bundle, [0])
    shape = golden.tensors["noise_0"].shape[1:]
    compared = 0
    for name, sampler in golden.samplers().items():
        key = f"{name.replace('i2v ', 'i2v_sample_') if name.startswith('i2v') else 'sample_' + name}"
        conditioned = image if name.startswith("i2v") else None
        latents = bundle.sample(sampler, text, golden.info["seeds"]["noise"], shape, conditioned)
        assert error(latents, golden.tensors[f"{key}_latents"]) < LATENTS_BOUND, name
        if f"{key}_rgb8" in golden.tensors:
            assert levels(bundle.decode(latents), yuv_of_rgb8(golden.tensors[f"{key}_rgb8"])) <= 1, name
            compared += 1
    assert compared


def test_the_velocity_of_every_pass(served):
    golden, bundle = served
    text = texts(golden, bundle, [0])
    for name, sampler in golden.samplers().items():
        velocities = {}

        def recorded(x, at_, text_, image, velocities=velocities, kind=bundle.velocity):
            velocities[len(velocities)] = kind(x, at_, text_, image)
            return velocities[len(velocities) - 1]

        if f"sample_{name}_velocity_1" not in golden.tensors:
            continue
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(bundle, "velocity", recorded)
            bundle.sample(sampler, text, golden.info["seeds"]["noise"], golden.tensors["noise_0"].shape[1:])
        for i in range(1, sampler.steps):
            assert error(velocities[i], golden.tensors[f"sample_{name}_velocity_{i}"]) < VELOCITY_BOUND


def test_noise_of_the_seed_is_the_references(served):
    golden, _ = served
    for stream in range(4):
        expected = golden.tensors[f"noise_{stream}"]
        assert np.array_equal(noise(golden.info["seeds"]["noise"], stream, expected.shape[1:])[None], expected)


def test_decoded_videos_of_several_sizes_and_lengths(served):
    golden, bundle = served
    expected = to_yuv(torch.from_numpy(golden.tensors["decode_video"])).numpy()
    assert levels(bundle.decode(golden.tensors["decode_latents"]), expected) <= 1
    for name, latents in (
        ("decode_other_rgb8", golden.tensors.get("other_latents")),
        ("decode_one_frame_rgb8", golden.tensors["decode_latents"][:, :, :1]),
    ):
        if name in golden.tensors:
            assert levels(bundle.decode(latents), yuv_of_rgb8(golden.tensors[name])) <= 1, name


@pytest.mark.parametrize("folder", sets())
def test_the_known_schedules_are_the_references(folder):
    golden = GoldenSet(folder)
    for sampler in golden.samplers().values():
        kind, steps = sampler.name.removeprefix("i2v ").split("-")
        boundary = golden.index.get("boundary_ratio") if "high_noise" in sampler.generators else None
        made = schedules.sampler(kind, int(steps), boundary)
        assert made.kind == sampler.kind
        assert made.generators == sampler.generators
        for ours, reference in ((made.timesteps, sampler.timesteps), (made.sigmas, sampler.sigmas)):
            assert all(math.isclose(a, b, rel_tol=1e-6) for a, b in zip(ours, reference, strict=True))


@pytest.mark.parametrize("folder", sets("lora_velocity_t1000"))
def test_a_lora_is_merged(folder, tmp_path):
    golden = GoldenSet(folder)
    (file,) = (golden.folder / "lora").iterdir()
    bundle = golden.imported(tmp_path / "bundle", loras={"generator": [LoraFile(path=file)]}, steps=(4,), sampler=None)
    assert [sampler.name for sampler in bundle.samplers] == ["euler-4"]  # the LoRA's name says which student it makes
    v = bundle.velocity(golden.tensors["noise_0"], at(bundle, 1000), texts(golden, bundle, [0]))
    assert error(v, golden.tensors["lora_velocity_t1000"]) < VELOCITY_BOUND
    assert error(v, golden.tensors["velocity_t1000"]) > 100 * VELOCITY_BOUND


@pytest.mark.parametrize("folder", sets("lora_velocity_t1000"))
def test_a_transformer_in_the_original_layout_beside_the_rest_of_a_folder(folder, tmp_path):
    golden = GoldenSet(folder)
    file = golden.folder / "original" / "diffusion_pytorch_model.safetensors"
    bundle = golden.imported(tmp_path / "bundle", transformers={"generator": file})
    v = bundle.velocity(golden.tensors["noise_0"], at(bundle, 1000), texts(golden, bundle, [0]))
    assert error(v, golden.tensors["velocity_t1000"]) < VELOCITY_BOUND


def test_a_transformer_in_the_layout_of_rcm(tmp_path):
    """It has the original names behind a prefix, and the patch embedding as a linear map."""
    golden = committed("wan21-t2v")
    original = load_file(golden.folder / "original" / "diffusion_pytorch_model.safetensors")
    flat = {**original, "patch_embedding.weight": original["patch_embedding.weight"].flatten(1)}
    save_file({f"net.{name}": tensor for name, tensor in flat.items()}, tmp_path / "rcm_wan.safetensors")
    bundle = golden.imported(
        tmp_path / "bundle", transformers={"generator": tmp_path / "rcm_wan.safetensors"}, steps=(2, 4)
    )
    assert [sampler.name for sampler in bundle.samplers] == ["rcm-2", "rcm-4"]
    v = bundle.velocity(golden.tensors["noise_0"], at(bundle, 1000), texts(golden, bundle, [0]))
    assert error(v, golden.tensors["velocity_t1000"]) < VELOCITY_BOUND


@pytest.mark.xdist_group("wan21-t2v")
def test_products_in_float16(tmp_path):
    """ONNX Runtime's CPU computes them in float32; what differs here is the weights, rounded to float16."""
    golden = committed("wan21-t2v")
    bundle = golden.imported(tmp_path / "bundle", precision=torch.float16)
    graphs = {**bundle.manifest["generators"], "decoder": bundle.manifest["decoder"]}
    assert {graph["precision"] for graph in graphs.values()} == {"float16"}
    assert bundle.manifest["text_encoder"]["precision"] == "float32"
    v = bundle.velocity(golden.tensors["noise_0"], at(bundle, 1000), texts(golden, bundle, [0]))
    assert VELOCITY_BOUND < error(v, golden.tensors["velocity_t1000"]) < 50 * VELOCITY_BOUND
    frames = bundle.decode(golden.tensors["decode_latents"])
    assert levels(frames, to_yuv(torch.from_numpy(golden.tensors["decode_video"])).numpy()) <= 4


@pytest.mark.parametrize("name", ["wan21-t2v", "wan22-ti2v"])
def test_products_in_bfloat16(name, tmp_path):
    """ONNX Runtime's CPU has none, so ONNX's own evaluator runs the graph, which has to have plain attention for it."""
    golden = committed(name)
    import_model(golden.folder, tmp_path / "b", golden.options(precision=torch.bfloat16, attention="plain"))
    manifest = read_manifest(tmp_path / "b")
    assert manifest["generators"]["generator"]["precision"] == "bfloat16"
    assert manifest["decoder"]["precision"] == "float32"
    graph = with_weights(tmp_path / "b" / "generator.onnx")
    onnx.checker.check_model(graph, full_check=True)
    feeds = {
        "latents": golden.tensors["noise_0"],
        "timestep": np.array([1000], np.float32),
        "sigma": np.ones(1, np.float32),
        "text_embedding": golden.tensors["prompt_embeds"][:1, :32],
        "text_mask": golden.tensors["attention_mask"][:1, :32],
        "first_frame": np.zeros_like(golden.tensors["noise_0"][:, :, 0]),
        "first_frame_mask": np.zeros(1, np.float32),
    }
    (v,) = ReferenceEvaluator(graph).run(None, {port.name: feeds[port.name] for port in graph.graph.input})
    assert v.dtype == np.float32
    assert 1e-3 < error(v, golden.tensors["velocity_t1000"]) < 1e-2


def with_weights(file):
    """Returns a graph with its weights, which ONNX itself does not read from hard links."""
    model = onnx.load(file, load_external_data=False)
    for tensor in model.graph.initializer:
        if tensor.external_data:
            place = {entry.key: entry.value for entry in tensor.external_data}
            with (file.parent / place["location"]).open("rb") as weights:
                weights.seek(int(place["offset"]))
                tensor.raw_data = weights.read(int(place["length"]))
            tensor.ClearField("external_data")
            tensor.ClearField("data_location")
    return model


@pytest.mark.xdist_group("wan21-t2v")
def test_a_text_encoder_with_weights_in_8_bits(tmp_path):
    golden = committed("wan21-t2v")
    bundle = golden.imported(tmp_path / "bundle", text_int8=True)
    assert bundle.manifest["text_encoder"]["precision"] == "int8"
    text = bundle.encode_text(golden.info["prompts"][0])
    real = text.embedding * text.attention_mask[..., None]
    assert TEXT_BOUND < error(real, golden.tensors["prompt_embeds"][:1, : real.shape[1]]) < 5e-2


@pytest.mark.xdist_group("wan22-ti2v")
def test_plain_attention_computes_the_same_without_contributed_operators(tmp_path):
    golden = committed("wan22-ti2v")
    bundle = golden.imported(tmp_path / "bundle", attention="plain")
    assert bundle.manifest["generators"]["generator"]["opsets"] == {"ai.onnx": 18}
    v = bundle.velocity(golden.tensors["noise_0"], at(bundle, 1000), texts(golden, bundle, [0]))
    assert error(v, golden.tensors["velocity_t1000"]) < VELOCITY_BOUND
