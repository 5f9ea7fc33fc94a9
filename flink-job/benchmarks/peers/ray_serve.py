"""The Ray Serve peer of the benchmarks: @serve.batch on the bundle's ONNX files, over HTTP.

    POST / with {"prompt": ..., "seed": ...} -> the bytes of a fragmented MP4

It has the same resources as the job: the same files, threads, largest batch, codec and encoder settings, threads that
run the device, and a pool that encodes. With --sleep it runs no model: a batch of b takes t0 + a*b without the CPU, and
the answer has --payload-bytes bytes.

Prints READY when it accepts requests, and ends when its standard input is closed.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Ray's switch for throughput over isolation: user code, router and proxy share their event loops.
os.environ.setdefault("RAY_SERVE_THROUGHPUT_OPTIMIZED", "1")
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import av
import numpy as np
import onnxruntime as ort
import ray
from ray import serve
from starlette.requests import Request
from starlette.responses import Response
from tokenizers import Tokenizer


@dataclass(frozen=True)
class ServiceOptions:
    """The options of the service."""

    bundle: str
    threads: int
    lanes: int
    encode_threads: int
    max_batch: int
    wait_seconds: float
    max_ongoing: int
    sleep: tuple[float, float] | None  # t0 and a, in seconds
    payload_bytes: int


class SleepingDevice:
    """Sleeps t0 + a*b for a batch of b, and uses no CPU."""

    def __init__(self, options: ServiceOptions) -> None:
        assert options.sleep is not None
        self.base, self.each = options.sleep
        self.payload_bytes = options.payload_bytes

    def run(self, batch: list[dict[str, Any]]) -> list[int]:
        time.sleep(self.base + self.each * len(batch))
        return [self.payload_bytes] * len(batch)

    def encode(self, payload_bytes: int) -> bytes:
        return bytes(payload_bytes)  # new bytes for every answer, as in the job


class BundleDevice:
    """Runs text encoder, one generator pass and decoder on a batch."""

    def __init__(self, options: ServiceOptions) -> None:
        bundle = Path(options.bundle)
        self.manifest = json.loads((bundle / "manifest.json").read_text())
        session_options = ort.SessionOptions()
        session_options.intra_op_num_threads = options.threads
        session_options.add_session_config_entry("session.intra_op.allow_spinning", "0")

        def session(stage: str) -> ort.InferenceSession:
            return ort.InferenceSession(
                bundle / self.manifest[stage]["file"], session_options, providers=["CPUExecutionProvider"]
            )

        self.text, self.generator, self.decoder = map(session, ("text_encoder", "generator", "decoder"))
        self.tokenizer = Tokenizer.from_file(str(bundle / self.manifest["tokenizer"]["file"]))
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()

    def run(self, batch: list[dict[str, Any]]) -> list[np.ndarray]:
        ids, mask = self.tokens([request["prompt"] for request in batch])
        (text,) = self.text.run(None, {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)})
        layout = self.manifest["latents"]
        shape = tuple(layout[axis] for axis in ("channels", "frames", "height", "width"))
        noise = np.stack(
            [np.random.default_rng(request["seed"]).standard_normal(shape, np.float32) for request in batch]
        )
        inputs = {
            "latents": noise,
            "timestep": np.ones(len(batch), np.float32),
            "text_embedding": text,
            "text_mask": mask,
        }
        if "first_frame" in self.manifest["generator"]["inputs"]:  # the mask of zeros says that there is no first frame
            inputs["first_frame"] = np.zeros_like(noise[:, :, 0])
            inputs["first_frame_mask"] = np.zeros(len(batch), np.float32)
        (velocity,) = self.generator.run(None, inputs)
        (frames,) = self.decoder.run(None, {"latents": noise - velocity})
        return list(frames)

    def tokens(self, prompts: list[str]) -> tuple[np.ndarray, np.ndarray]:
        encoded = [encoding.ids for encoding in self.tokenizer.encode_batch(prompts)]
        multiple = self.manifest["tokenizer"]["pad_to_multiple_of"]
        length = -(-max(map(len, encoded)) // multiple) * multiple
        ids = np.zeros((len(encoded), length), np.int64)
        mask = np.zeros_like(ids)
        for row, tokens in enumerate(encoded):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        return ids, mask

    def encode(self, frames: np.ndarray) -> bytes:
        video = self.manifest["video"]
        file = io.BytesIO()
        movflags = "+frag_keyframe+empty_moov+default_base_moof"
        with av.open(file, "w", format="mp4", options={"movflags": movflags}) as container:
            stream = container.add_stream(
                "libvpx-vp9",
                rate=video["frame_rate"]["num"],
                options={
                    "deadline": "realtime",
                    "cpu-used": "6",
                    "crf": "30",
                    "b": "0",
                    "lag-in-frames": "0",
                    "threads": "1",
                },
            )
            stream.width, stream.height, stream.pix_fmt = video["width"], video["height"], "yuv420p"
            stream.codec_context.gop_size = video["frame_rate"]["num"]
            for picture in frames:
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="yuv420p")))
            container.mux(stream.encode())
        return file.getvalue()


def service(options: ServiceOptions) -> type:
    """Returns the deployment's class. The decorator needs the batch options when the class is defined."""

    class Service:
        """A replica, which has the device."""

        def __init__(self) -> None:
            self.device = SleepingDevice(options) if options.sleep else BundleDevice(options)
            self.lanes = ThreadPoolExecutor(options.lanes, "device")
            self.encoders = ThreadPoolExecutor(options.encode_threads, "encode")

        async def __call__(self, request: Request) -> Response:
            frames = await self.generate(await request.json())
            loop = asyncio.get_running_loop()
            video = await loop.run_in_executor(self.encoders, self.device.encode, frames)
            return Response(video, media_type="video/mp4")

        @serve.batch(
            max_batch_size=options.max_batch,
            batch_wait_timeout_s=options.wait_seconds,
            max_concurrent_batches=options.lanes,
        )
        async def generate(self, batch: list[dict[str, Any]]) -> list[Any]:
            # The device runs outside the event loop, so that requests are read and answered meanwhile.
            return await asyncio.get_running_loop().run_in_executor(self.lanes, self.device.run, batch)

    return Service


def main() -> None:
    """Serves until standard input is closed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--bundle", default="")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--lanes", type=int, default=1, help="the number of concurrent batches")
    parser.add_argument("--encode-threads", type=int, default=2)
    parser.add_argument("--max-batch", type=int, default=16)
    parser.add_argument("--wait-ms", type=float, default=0)
    parser.add_argument("--max-ongoing", type=int, default=512)
    parser.add_argument("--sleep", type=float, nargs=2, metavar=("T0_MS", "A_MS"))
    parser.add_argument("--payload-bytes", type=int, default=0)
    arguments = parser.parse_args()
    options = ServiceOptions(
        bundle=arguments.bundle,
        threads=arguments.threads,
        lanes=arguments.lanes,
        encode_threads=arguments.encode_threads,
        max_batch=arguments.max_batch,
        wait_seconds=arguments.wait_ms / 1000,
        max_ongoing=arguments.max_ongoing,
        sleep=(arguments.sleep[0] / 1000, arguments.sleep[1] / 1000) if arguments.sleep else None,
        payload_bytes=arguments.payload_bytes,
    )

    ray.init(include_dashboard=False, log_to_driver=False, logging_level="ERROR", object_store_memory=128 << 20)
    serve.start(http_options={"host": "127.0.0.1", "port": arguments.port}, logging_config=quiet())
    deployment = serve.deployment(
        service(options),
        max_ongoing_requests=options.max_ongoing,
        ray_actor_options={"num_cpus": 1},
        logging_config=quiet(),
    )
    serve.run(deployment.bind(), route_prefix="/")
    print("READY", flush=True)
    sys.stdin.read()
    serve.shutdown()
    ray.shutdown()


def quiet() -> dict[str, Any]:
    """Returns a logging configuration without a line per request."""
    return {"log_level": "ERROR", "enable_access_log": False}


if __name__ == "__main__":
    main()
