#!/usr/bin/env python3
"""Speaks to Zoetrope from Python with nothing but fastavro: bytes for a prompt, an MP4 out of a video record.

With kcat as the Kafka client (any other does as well):

    python zoetrope_client.py encode my-id "a red circle moving right on a black background" > prompt.bin
    kcat -P -b localhost:9092 -t zoetrope.prompts -k my-id prompt.bin
    kcat -C -b localhost:9092 -t zoetrope.videos -X isolation.level=read_committed -o beginning -c 1 -f '%s' > video.bin
    python zoetrope_client.py decode video.bin clip.mp4

A record's value is Avro's single-object encoding: C3 01, the schema's CRC-64-AVRO fingerprint (8 bytes, little endian),
then the record. The schemas are the files in schemas/.
"""

from __future__ import annotations

import io
import json
import struct
import sys
import time
from pathlib import Path

import fastavro
from fastavro.schema import fingerprint, to_parsing_canonical_form

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"
MARKER = b"\xc3\x01"


def schema(name: str) -> dict:
    """A record's schema, e.g. `prompt_event`."""
    return json.loads((SCHEMAS / f"{name}.avsc").read_text())


def header(definition: dict) -> bytes:
    """The ten bytes in front of every record of this schema."""
    rabin = fingerprint(to_parsing_canonical_form(definition), "CRC-64-AVRO")
    return MARKER + struct.pack("<Q", int(rabin, 16))


def encode(name: str, record: dict) -> bytes:
    """The value of a Kafka record."""
    definition, out = schema(name), io.BytesIO()
    out.write(header(definition))
    fastavro.schemaless_writer(out, fastavro.parse_schema(definition), record)
    return out.getvalue()


def decode(name: str, value: bytes) -> dict:
    """The record in a Kafka record's value."""
    definition = schema(name)
    expected = header(definition)
    if value[: len(expected)] != expected:
        raise ValueError(f"the value starts with {value[:10].hex()}, a {name} of this version with {expected.hex()}")
    return fastavro.schemaless_reader(io.BytesIO(value[len(expected) :]), fastavro.parse_schema(definition))


def prompt(request_id: str, text: str) -> bytes:
    """A PromptEvent with every default."""
    now = int(time.time() * 1000)
    return encode("prompt_event", {"request_id": request_id, "prompt": text, "created_at": now})


def main() -> int:
    match sys.argv[1:]:
        case ["encode", request_id, text]:
            sys.stdout.buffer.write(prompt(request_id, text))
        case ["decode", record, mp4]:
            segment = decode("video_segment", Path(record).read_bytes())
            Path(mp4).write_bytes(segment["payload"])
            print(json.dumps({k: v for k, v in segment.items() if k != "payload"}, default=str, indent=2))
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
