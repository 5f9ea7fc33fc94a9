"""The products of the training stages, as typed records: the weights that later stages, evaluation and export read.

A product is a part of its stage's checkpoint. The fields of a record have the names of the entries in the checkpoint's
state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar

import torch

Weights = dict[str, torch.Tensor]


@dataclass(frozen=True)
class VaeWeights:
    """The weights of the VAE: encoder, decoder, shift and scale of the latents."""

    vae: Weights


@dataclass(frozen=True)
class DecoderWeights:
    """The weights of the VAE's decoder after its second training."""

    model: Weights


@dataclass(frozen=True)
class BackboneWeights:
    """The weights of the `BackboneClassifier`; OSV's discriminator and the perceptual distance use its backbone."""

    model: Weights


@dataclass(frozen=True)
class GeneratorWeights:
    """The exponential moving average of a generator's weights."""

    ema: Weights


@dataclass(frozen=True)
class OsvWeights(GeneratorWeights):
    """The averaged weights of an OSV generator, and the heads of its discriminator."""

    heads: dict[str, Weights]


Record = VaeWeights | DecoderWeights | BackboneWeights | GeneratorWeights
R_co = TypeVar("R_co", bound=Record, covariant=True)


@dataclass(frozen=True)
class Product(Generic[R_co]):
    """A description of the product of the stage named `stage`. `record` is the type of its record."""

    stage: str
    record: type[R_co]

    def of(self, state: Mapping[str, Any]) -> R_co:
        """Returns the product in a stage's state, as its record."""
        return self.record(**self.entries(state))

    def entries(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the entries of a stage's state that belong to the product."""
        return {field.name: state[field.name] for field in fields(self.record)}


START = Product("start", GeneratorWeights)  # the generator of a bundle, in a run that starts from one
VAE = Product("vae", VaeWeights)
TEACHER = Product("teacher", GeneratorWeights)
DECODER = Product("decoder", DecoderWeights)
BACKBONE = Product("osv-backbone", BackboneWeights)
CONSISTENCY = Product("consistency", GeneratorWeights)
APT_IMAGES = Product("apt-images", GeneratorWeights)
APT = Product("apt", GeneratorWeights)
OSV_FIRST = Product("osv-1", OsvWeights)
OSV_SECOND = Product("osv-2", OsvWeights)

# The generators that are measured and exported, by stage.
GENERATORS: dict[str, Product[GeneratorWeights]] = {
    product.stage: product for product in (TEACHER, CONSISTENCY, APT, OSV_SECOND)
}
ALL: tuple[Product[Record], ...] = (  # in the order of the pipeline
    START,
    VAE,
    TEACHER,
    DECODER,
    BACKBONE,
    CONSISTENCY,
    APT_IMAGES,
    APT,
    OSV_FIRST,
    OSV_SECOND,
)
