"""The counter-based noise has the published test vectors and the statistics of a normal distribution."""

import numpy as np
import pytest

from zoetrope_export.sampling.noise import noise, philox


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_philox_gives_the_published_test_vectors(counter, key, words):
    assert tuple(philox(np.array([counter], np.uint64), key)[0]) == words


def test_noise_is_standard_normal():
    values = noise(7, 0, (100_000,))
    assert abs(values.mean()) < 0.02
    assert abs(values.std() - 1) < 0.02
    assert abs((values**4).mean() - 3) < 0.15


def test_seeds_and_streams_are_independent_and_a_prefix_is_stable():
    assert np.array_equal(noise(5, 0, (10,)), noise(5, 0, (64,))[:10])
    assert abs(np.corrcoef(noise(5, 0, (10_000,)), noise(5, 1, (10_000,)))[0, 1]) < 0.05
    assert abs(np.corrcoef(noise(5, 0, (10_000,)), noise(-5, 0, (10_000,)))[0, 1]) < 0.05
