"""Video files: read as anybody would, and written as the job writes them, to know what a codec costs."""

from __future__ import annotations

import io
from pathlib import Path
from typing import IO

import numpy as np
import torch

from zoetrope_export.yuv import to_yuv

_AV1 = {"preset": "8", "crf": "24", "svtav1-params": "lp=1"}  # as Codec.java


def decode(file: Path | IO[bytes]) -> np.ndarray:
    """Every frame of a video file, RGB uint8 [T, H, W, 3]."""
    import av  # noqa: PLC0415 - a machine that trains has no need of FFmpeg

    with av.open(str(file) if isinstance(file, Path) else file, "r") as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


def encode_av1(frames: np.ndarray, frame_rate: int) -> bytes:
    """RGB frames, uint8 [T, H, W, 3], as AV1 in MP4."""
    import av  # noqa: PLC0415 - a machine that trains has no need of FFmpeg

    planes = to_yuv(torch.from_numpy(frames).permute(3, 0, 1, 2)[None] / 127.5 - 1)[0].numpy()
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libsvtav1", rate=frame_rate, options=_AV1)
        stream.width, stream.height, stream.pix_fmt = frames.shape[2], frames.shape[1], "yuv420p"
        stream.color_range, stream.colorspace = av.video.reformatter.ColorRange.MPEG, 1  # BT.709, limited
        for image in planes:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="yuv420p")))
        container.mux(stream.encode())
    return file.getvalue()


def through_av1(frames: np.ndarray, frame_rate: int) -> np.ndarray:
    """RGB frames, uint8 [T, H, W, 3], encoded and decoded again."""
    return decode(io.BytesIO(encode_av1(frames, frame_rate)))
