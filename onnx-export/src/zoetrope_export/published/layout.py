"""What a checkpoint folder describes: the networks' sizes, how an image conditions them, and what cannot be served."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from zoetrope_export.bundle.wan_export import Network
from zoetrope_export.data.tensor_files import CheckpointError, StoredTensor
from zoetrope_export.models.wan.text_encoder import TextEncoderConfig
from zoetrope_export.models.wan.transformer import TransformerConfig
from zoetrope_export.models.wan.vae import VaeConfig
from zoetrope_export.published.checkpoint import Checkpoint
from zoetrope_export.published.errors import RefusedError
from zoetrope_export.published.keys import fitting

_TRANSFORMER, _VAE, _TEXT_ENCODER = "WanTransformer3DModel", "AutoencoderKLWan", "UMT5EncoderModel"


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The configurations of a published model. `boundary` belongs to models with two experts."""

    pipeline: str
    text_encoder: TextEncoderConfig
    transformers: dict[str, TransformerConfig]  # by the names of their folders
    vae: VaeConfig
    boundary: float | None

    @property
    def transformer(self) -> TransformerConfig:
        """The sizes that all transformers share."""
        return next(iter(self.transformers.values()))

    @property
    def frame_rate(self) -> int:
        """The frames a second that the model was trained with: 24 for Wan 2.2 TI2V, 16 for the others."""
        return 24 if self.transformer.frame_timesteps else 16


def read_layout(checkpoint: Checkpoint) -> Layout:
    """Reads the configurations of a folder.

    Raises `RefusedError` if the model cannot be served, and `CheckpointError` if a file is missing or damaged.
    """
    index = checkpoint.json("model_index.json")
    pipeline = str(index.get("_class_name", ""))
    _refuse_pipeline(index, pipeline)
    frame_timesteps = bool(index.get("expand_timesteps", False))
    names = ["transformer", *(["transformer_2"] if _present(index, "transformer_2") else [])]
    boundary = index.get("boundary_ratio")
    if len(names) == 2 and boundary is None:
        raise CheckpointError(
            f"{checkpoint.folder / 'model_index.json'}: there are two transformers and no boundary_ratio, which says at"
            " which timestep the second one takes over; add it"
        )
    transformers = {
        name: _transformer(checkpoint.json(f"{name}/config.json"), f"{name}/config.json", frame_timesteps)
        for name in names
    }
    layout = Layout(
        pipeline=pipeline,
        text_encoder=_text_encoder(checkpoint.json("text_encoder/config.json")),
        transformers=transformers,
        vae=_vae(checkpoint.json("vae/config.json")),
        boundary=float(boundary) if len(names) == 2 and boundary is not None else None,
    )
    _check_agreement(layout)
    return layout


def _present(index: Mapping[str, Any], part: str) -> bool:
    entry = index.get(part)
    return isinstance(entry, list) and entry[-1:] != [None] and bool(entry)


def _refuse_pipeline(index: Mapping[str, Any], pipeline: str) -> None:
    expected = {"transformer": _TRANSFORMER, "vae": _VAE, "text_encoder": _TEXT_ENCODER}
    for part, name in expected.items():
        entry = index.get(part)
        found = entry[-1] if isinstance(entry, list) and entry else entry
        if part == "transformer" and isinstance(found, str) and "causal" in found.lower():
            raise RefusedError(
                f"model_index.json: {found} generates block by block with a key-value cache, which this job does not"
                " run; give a bidirectional student"
            )
        if found != name:
            raise RefusedError(
                f"model_index.json: {part} is {found}, this import reads {name}: Wan 2.1 T2V, Wan 2.2 TI2V and Wan 2.2"
                " A14B"
            )
    if "causal" in pipeline.lower():
        raise RefusedError(
            f"model_index.json: {pipeline} generates block by block with a key-value cache, which this job does not"
            " run; give a bidirectional student"
        )
    if _present(index, "image_encoder"):
        raise RefusedError(
            "model_index.json: the model has a CLIP image_encoder (Wan 2.1 image to video), which this import does not"
            " read; give Wan 2.2 TI2V or Wan 2.2 I2V-A14B"
        )


def _refuse_quantised(config: Mapping[str, Any], file: str) -> None:
    if config.get("quantization_config"):
        method = config["quantization_config"].get("quant_method", "an unnamed method")
        raise RefusedError(f"{file}: the weights are quantised with {method}; give the unquantised checkpoint")


def _transformer(config: Mapping[str, Any], file: str, frame_timesteps: bool) -> TransformerConfig:
    _refuse_quantised(config, file)
    if config.get("image_dim") is not None or config.get("added_kv_proj_dim") is not None:
        raise RefusedError(
            f"{file}: the transformer attends to CLIP features of an image (image_dim, added_kv_proj_dim; Wan 2.1 image"
            " to video), which this import does not read; give Wan 2.2 TI2V or Wan 2.2 I2V-A14B"
        )
    for key in ("num_frame_per_block", "local_attn_size", "sink_size"):
        if key in config and config[key] not in (None, -1, 0):
            raise RefusedError(
                f"{file}: {key} is that of a causal model with a key-value cache, which this job does not run; give a"
                " bidirectional student"
            )
    fixed = {
        "patch_size": ([1, 2, 2], [1, 2, 2]),
        "cross_attn_norm": (True, True),
        "qk_norm": ("rms_norm_across_heads", "rms_norm_across_heads"),
    }
    for key, (default, expected) in fixed.items():
        if config.get(key, default) != expected:
            raise RefusedError(f"{file}: {key} is {config[key]}, this import reads {expected}")
    in_channels = _whole(config, "in_channels", file, 16)
    return TransformerConfig(
        layers=_whole(config, "num_layers", file, 40),
        heads=_whole(config, "num_attention_heads", file, 40),
        head_width=_whole(config, "attention_head_dim", file, 128),
        ffn_width=_whole(config, "ffn_dim", file, 13824),
        in_channels=in_channels,
        out_channels=_whole(config, "out_channels", file, in_channels),
        text_width=_whole(config, "text_dim", file, 4096),
        time_width=_whole(config, "freq_dim", file, 256),
        eps=float(config.get("eps", 1e-6)),
        positions=_whole(config, "rope_max_seq_len", file, 1024),
        frame_timesteps=frame_timesteps,
    )


def _text_encoder(config: Mapping[str, Any]) -> TextEncoderConfig:
    file = "text_encoder/config.json"
    _refuse_quantised(config, file)
    activation = config.get("feed_forward_proj", "gated-gelu")
    if activation != "gated-gelu":
        raise RefusedError(f"{file}: feed_forward_proj is {activation}, this import reads gated-gelu (umT5)")
    return TextEncoderConfig(
        layers=_whole(config, "num_layers", file, 24),
        heads=_whole(config, "num_heads", file, 64),
        head_width=_whole(config, "d_kv", file, 64),
        width=_whole(config, "d_model", file, 4096),
        ffn_width=_whole(config, "d_ff", file, 10240),
        vocabulary=_whole(config, "vocab_size", file, 256384),
        buckets=_whole(config, "relative_attention_num_buckets", file, 32),
        max_distance=_whole(config, "relative_attention_max_distance", file, 128),
        eps=float(config.get("layer_norm_epsilon", 1e-6)),
    )


def _vae(config: Mapping[str, Any]) -> VaeConfig:
    """Returns the sizes of the VAE. Repositories from before Wan 2.2 lack its keys; Wan 2.1 is the default."""
    file = "vae/config.json"
    _refuse_quantised(config, file)
    if config.get("attn_scales"):
        raise RefusedError(f"{file}: attn_scales is {config['attn_scales']}, this import reads none")
    channels = _whole(config, "z_dim", file, 16)
    base = _whole(config, "base_dim", file, 96)
    vae = VaeConfig(
        latent_channels=channels,
        encoder_width=base,
        decoder_width=int(config.get("decoder_base_dim") or base),
        widths=tuple(config.get("dim_mult", (1, 2, 4, 4))),
        blocks=_whole(config, "num_res_blocks", file, 2),
        halves_time=tuple(config.get("temperal_downsample", (False, True, True))),
        residual=bool(config.get("is_residual", False)),
        patch=int(config.get("patch_size") or 1),
        mean=tuple(config["latents_mean"]) if "latents_mean" in config else _WAN_2_1_MEAN,
        deviation=tuple(config["latents_std"]) if "latents_std" in config else _WAN_2_1_DEVIATION,
    )
    if len(vae.mean) != channels or len(vae.deviation) != channels:
        raise CheckpointError(
            f"{file}: expected {channels} values of latents_mean and latents_std, got {len(vae.mean)} and"
            f" {len(vae.deviation)}"
        )
    if len(vae.widths) != len(vae.halves_time) + 1 or sum(vae.halves_time) != 2:
        raise RefusedError(
            f"{file}: temperal_downsample {list(vae.halves_time)} and dim_mult {list(vae.widths)} do not compress time"
            " 4 times; this import reads the VAE of Wan 2.1 and of Wan 2.2"
        )
    return vae


_WAN_2_1_MEAN = (
    *(-0.7571, -0.7089, -0.9113, 0.1075, -0.1745, 0.9653, -0.1517, 1.5508),
    *(0.4134, -0.0715, 0.5517, -0.3632, -0.1922, -0.9497, 0.2503, -0.2921),
)
_WAN_2_1_DEVIATION = (
    *(2.8184, 1.4541, 2.3275, 2.6558, 1.2196, 1.7708, 2.6052, 2.0743),
    *(3.2687, 2.1526, 2.8652, 1.5579, 1.6382, 1.1253, 2.8251, 1.9160),
)


def _whole(config: Mapping[str, Any], key: str, file: str, default: int) -> int:
    """Returns a size of a configuration. The default is that of the published models of the largest size."""
    value = config.get(key)
    if value is None:
        return default
    if not isinstance(value, int) or value < 1:
        raise CheckpointError(f"{file}: {key}: expected a whole number of at least 1, got {value!r}")
    return value


def _check_agreement(layout: Layout) -> None:
    """Raises an error if the parts do not fit each other."""
    latent = layout.vae.latent_channels
    for name, config in layout.transformers.items():
        if config.out_channels != latent:
            raise CheckpointError(
                f"{name}/config.json: out_channels is {config.out_channels}, the VAE has {latent} latent channels; take"
                " the parts of one model"
            )
        if config.text_width != layout.text_encoder.width:
            raise CheckpointError(
                f"{name}/config.json: text_dim is {config.text_width}, the text encoder is {layout.text_encoder.width}"
                " wide; take the parts of one model"
            )
        if config.condition_channels not in (0, 4 + latent):
            raise RefusedError(
                f"{name}/config.json: in_channels is {config.in_channels}; this import reads {latent} for text to"
                f" video, and {2 * latent + 4} for image to video"
            )
        if config != layout.transformer:
            raise RefusedError("transformer and transformer_2 have different sizes; both experts have to be equal")


def network(module_type: type[nn.Module], config: Any, tensors: Mapping[str, StoredTensor], part: str) -> Network[Any]:
    """Returns a network with its tensors. Raises `CheckpointError` if they do not fit."""
    with torch.device("meta"):
        module = module_type(config)
    return Network(config=config, weights=fitting(module, tensors, part.removesuffix("_2"), part))
