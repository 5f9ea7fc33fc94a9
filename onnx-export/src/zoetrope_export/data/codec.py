"""Reading and writing of video files. Files are written with the job's encoder options, to measure the codec's loss."""

from __future__ import annotations

import io
from pathlib import Path
from typing import IO

import numpy as np
import torch

from zoetrope_export.data.yuv import to_yuv

VP9 = {  # the same options as in FfmpegCodec.java
    "deadline": "realtime",
    "cpu-used": "6",
    "crf": "30",
    "b": "0",
    "lag-in-frames": "0",
    "threads": "1",
}


def decode(file: Path | IO[bytes]) -> np.ndarray:
    """Returns every frame of a video file, RGB uint8 [T, H, W, 3]."""
    import av  # noqa: PLC0415 - training does not need FFmpeg

    with av.open(str(file) if isinstance(file, Path) else file, "r") as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


def encode(frames: np.ndarray, frame_rate: int) -> bytes:
    """Encodes RGB frames, uint8 [T, H, W, 3], as VP9 in MP4 and returns the bytes of the file."""
    import av  # noqa: PLC0415 - training does not need FFmpeg

    planes = to_yuv(torch.from_numpy(frames).permute(3, 0, 1, 2)[None] / 127.5 - 1)[0].numpy()
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libvpx-vp9", rate=frame_rate, options=VP9)
        stream.codec_context.gop_size = frame_rate
        stream.width, stream.height, stream.pix_fmt = frames.shape[2], frames.shape[1], "yuv420p"
        stream.color_range, stream.colorspace = av.video.reformatter.ColorRange.MPEG, 1  # BT.709, limited
        for image in planes:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="yuv420p")))
        container.mux(stream.encode())
    return file.getvalue()


def through_codec(frames: np.ndarray, frame_rate: int) -> np.ndarray:
    """Encodes RGB frames, uint8 [T, H, W, 3], and returns the decoded frames of the same shape."""
    return decode(io.BytesIO(encode(frames, frame_rate)))
