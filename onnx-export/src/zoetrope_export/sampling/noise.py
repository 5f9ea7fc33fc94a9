"""Noise that depends on the seed alone. The Java job's noise of the same seed is equal, number for number.

Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011): key = the seed's low and high 32
bits, counter = (block low, block high, stream, 0). Each block's four 32-bit words become uniforms (w + 0.5) / 2^32 and,
two by two in double precision, normals by Box-Muller: sqrt(-2 ln u0) (cos 2 pi u1, sin 2 pi u1). Value n of a latent in
row-major [C, T, H, W] is output n. Stream 0 is the initial noise, stream k the noise of the k-th renoising.
"""

from __future__ import annotations

import numpy as np

_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = 0x9E3779B9, 0xBB67AE85
_MASK = np.uint64(0xFFFFFFFF)
_ROUNDS = 10


def philox(counter: np.ndarray, key: tuple[int, int]) -> np.ndarray:
    """Returns the Philox 4x32-10 words [N, 4] of counters [N, 4] (32-bit words in uint64) under one key."""
    c0, c1, c2, c3 = (counter[:, i].astype(np.uint64) for i in range(4))
    k0, k1 = key
    for _ in range(_ROUNDS):
        p0, p1 = _M0 * c0, _M1 * c2
        c0, c1, c2, c3 = (
            (p1 >> np.uint64(32)) ^ c1 ^ np.uint64(k0),
            p1 & _MASK,
            (p0 >> np.uint64(32)) ^ c3 ^ np.uint64(k1),
            p0 & _MASK,
        )
        k0, k1 = (k0 + _W0) & 0xFFFFFFFF, (k1 + _W1) & 0xFFFFFFFF
    return np.stack([c0, c1, c2, c3], axis=1)


def noise(seed: int, stream: int, shape: tuple[int, ...]) -> np.ndarray:
    """Returns standard normal float32 noise of `shape` for a signed 64-bit `seed`."""
    count = int(np.prod(shape))
    block = np.arange(-(-count // 4), dtype=np.uint64)
    counter = np.stack(
        [block & _MASK, block >> np.uint64(32), np.full_like(block, stream), np.zeros_like(block)], axis=1
    )
    unsigned = seed & 0xFFFFFFFFFFFFFFFF
    words = philox(counter, (unsigned & 0xFFFFFFFF, unsigned >> 32))
    uniform = (words.astype(np.float64) + 0.5) * 2.0**-32  # [N, 4]
    radius = np.sqrt(-2.0 * np.log(uniform[:, 0::2]))
    angle = 2.0 * np.pi * uniform[:, 1::2]
    normal = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=2)  # [N, 2, 2]
    return normal.reshape(-1)[:count].astype(np.float32).reshape(shape)
