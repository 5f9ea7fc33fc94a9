#!/usr/bin/env python3
"""A Zoetrope client for Python that needs only fastavro: encodes a prompt; decodes an answer to an MP4 or a reason.

With kcat as the Kafka client (any other client works too):

    python zoetrope_client.py encode my-id "a red circle moving right on a black background" > prompt.bin
    kcat -P -b localhost:9092 -t zoetrope.prompts -k my-id prompt.bin
    kcat -C -b localhost:9092 -t zoetrope.videos -X isolation.level=read_committed -o beginning -c 1 -f '%s' > video.bin
    python zoetrope_client.py decode video.bin clip.mp4

A payload that is not in its record is read from the folder that the job's option payload-folder names, and from nowhere
else. This client reads folders; for a store give another `read`, such as one that calls boto3:

    python zoetrope_client.py decode video.bin clip.mp4 file:///srv/videos

A prompt that fails is answered on zoetrope.failures, read in the same way:

    python zoetrope_client.py explain failure.bin

A record's value is Avro's single-object encoding: C3 01, the schema's CRC-64-AVRO fingerprint (8 bytes, little endian),
then the record. The schemas are the files in schemas/.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

import fastavro
from fastavro.schema import fingerprint, to_parsing_canonical_form

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"
MARKER = b"\xc3\x01"


def schema(name: str) -> dict:
    """A record's schema, e.g. `prompt_event`."""
    return json.loads((SCHEMAS / f"{name}.avsc").read_text())


def header(definition: dict) -> bytes:
    """The ten bytes in front of every record of this schema."""
    # fastavro writes a fingerprint as it stands in the header: the hex digits of its bytes, little endian.
    return MARKER + bytes.fromhex(fingerprint(to_parsing_canonical_form(definition), "CRC-64-AVRO"))


def encode(name: str, record: dict) -> bytes:
    """The value of a Kafka record."""
    definition, out = schema(name), io.BytesIO()
    out.write(header(definition))
    fastavro.schemaless_writer(out, fastavro.parse_schema(definition), record)
    return out.getvalue()


def decode(name: str, value: bytes) -> dict:
    """The record in a Kafka record's value."""
    definitions = [schema(name), *(json.loads(file.read_text()) for file in SCHEMAS.glob(f"earlier/{name}-*.avsc"))]
    written = next((definition for definition in definitions if value.startswith(header(definition))), None)
    if not value:
        raise ValueError(f"there is no {name}: the file is empty, as kcat leaves it where it read nothing")
    if written is None:
        expected = header(definitions[0]).hex()
        raise ValueError(f"the value starts with {value[:10].hex()}, a {name} of this version with {expected}")
    reader = fastavro.parse_schema(definitions[0])
    return fastavro.schemaless_reader(io.BytesIO(value[10:]), fastavro.parse_schema(written), reader)


def prompt(request_id: str, text: str) -> bytes:
    """A PromptEvent with every default."""
    now = int(time.time() * 1000)
    return encode("prompt_event", {"request_id": request_id, "prompt": text, "created_at": now})


def read_file(uri: str) -> bytes:
    """The bytes at a file:// URI."""
    if not uri.startswith("file://"):
        raise ValueError(f"this client reads file:// only; fetch {uri} with its store's client, then compare its digest")
    return Path(unquote(urlsplit(uri).path)).read_bytes()


def stored(segment: dict, folder: str | None, read: Callable[[str], bytes]) -> bytes:
    """The payload of a claim check: only what is in the folder under the name of its digest is read."""
    uri, digest = segment["payload_uri"], segment["payload_sha256"]
    if folder is None or not re.fullmatch("[0-9a-f]{64}", digest) or uri != f"{folder.rstrip('/')}/{digest}.mp4":
        raise ValueError(f"the payload is at {uri}, which is not in the folder {folder}; give the job's payload-folder")
    return read(uri)


def video(value: bytes, folder: str | None = None, read: Callable[[str], bytes] = read_file) -> dict:
    """The VideoSegment in a Kafka record's value, its payload held against the digest that came with it."""
    segment = decode("video_segment", value)
    if segment["payload"] is None:
        segment["payload"] = stored(segment, folder, read)
    digest = hashlib.sha256(segment["payload"]).hexdigest()
    if digest != segment["payload_sha256"]:
        raise ValueError(f"the payload's SHA-256 is {digest}, the record was written with {segment['payload_sha256']}")
    return segment


def main() -> int:
    """Runs the command that was given; its exit status."""
    match sys.argv[1:]:
        case ["encode", request_id, text]:
            sys.stdout.buffer.write(prompt(request_id, text))
        case ["decode", record, mp4, *folder] if len(folder) <= 1:
            segment = video(Path(record).read_bytes(), *folder)
            Path(mp4).write_bytes(segment["payload"])
            print(json.dumps({k: v for k, v in segment.items() if k != "payload"}, default=str, indent=2))
        case ["explain", record]:
            print(json.dumps(decode("failed_prompt", Path(record).read_bytes()), default=str, indent=2))
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, ValueError) as error:
        sys.exit(f"zoetrope_client: {error}")
