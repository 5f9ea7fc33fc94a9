"""The clips of the report are compressed as the job compresses them, and as the benchmarks' peer does."""

import re
from pathlib import Path

from zoetrope_export.data.codec import VP9

TOP = Path(__file__).parents[2]


def _between(file: str, start: str, end: str) -> str:
    (found,) = re.findall(f"{start}(.*?){end}", (TOP / file).read_text(), re.DOTALL)
    return str(found)


def test_vp9_is_asked_for_the_same_by_the_job_the_report_and_the_peer() -> None:
    java = _between("flink-job/src/main/java/io/zoetrope/ffmpeg/FfmpegCodec.java", r"case VP9 -> Map\.of\(", r"\);")
    words = re.findall(r'"([^"]*)"', java)
    peer = _between("flink-job/benchmarks/peers/ray_serve.py", r'"libvpx-vp9",.*?options=\{', r"\}")

    # The bit rate and the threads are no options of the encoder in Java, but fields of its context.
    assert dict(zip(words[::2], words[1::2], strict=True)) | {"b": "0", "threads": "1"} == VP9
    assert dict(re.findall(r'"([^"]*)": "([^"]*)"', peer)) == VP9
