"""The report compresses clips with the same encoder options as the job and as the benchmark's peer."""

import re
from pathlib import Path

from zoetrope_export.data.codec import VP9

TOP = Path(__file__).parents[2]


def _between(file: str, start: str, end: str) -> str:
    (text,) = re.findall(f"{start}(.*?){end}", (TOP / file).read_text(), re.DOTALL)
    return str(text)


def test_vp9_options_of_the_job_the_report_and_the_benchmark_peer_are_equal() -> None:
    java = _between("flink-job/src/main/java/io/zoetrope/ffmpeg/FfmpegCodec.java", r"case VP9 -> Map\.of\(", r"\);")
    words = re.findall(r'"([^"]*)"', java)
    peer = _between("flink-job/benchmarks/peers/ray_serve.py", r'"libvpx-vp9",.*?options=\{', r"\}")

    # In Java the bit rate and the threads are fields of the encoder's context, not options.
    assert dict(zip(words[::2], words[1::2], strict=True)) | {"b": "0", "threads": "1"} == VP9
    assert dict(re.findall(r'"([^"]*)": "([^"]*)"', peer)) == VP9
