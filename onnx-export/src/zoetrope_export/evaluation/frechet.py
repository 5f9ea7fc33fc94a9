"""The Frechet distance of two sets of features, each modelled as a Gaussian (Heusel et al., 2017, equation 6)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Moments:
    """Mean [F] and covariance [F, F] of features."""

    mean: np.ndarray
    covariance: np.ndarray

    @staticmethod
    def of(features: np.ndarray) -> Moments:
        """Returns the moments of features [N, F]. Raises `ValueError` for fewer than two clips."""
        if len(features) < 2:
            raise ValueError(f"a covariance needs two clips or more, there are {len(features)}: give more prompts")
        return Moments(features.mean(0), np.cov(features, rowvar=False))


def _root(matrix: np.ndarray) -> np.ndarray:
    """Returns the square root of a positive semidefinite matrix."""
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(values.clip(min=0))) @ vectors.T


def distance(a: Moments, b: Moments) -> float:
    """Returns |m_a - m_b|^2 + tr(S_a + S_b - 2 (S_a S_b)^(1/2)). Equal moments give 0; few clips raise it."""
    root = _root(a.covariance)
    crossed = np.linalg.eigvalsh(root @ b.covariance @ root).clip(min=0)  # S_a S_b has the same eigenvalues
    apart = np.square(a.mean - b.mean).sum()
    return float(apart + np.trace(a.covariance) + np.trace(b.covariance) - 2 * np.sqrt(crossed).sum())
