#!/usr/bin/env python3
"""Writes docs/asyncapi.json: the topics and records of this project as an AsyncAPI 3 document.

Usage: asyncapi.py [--check]

Every schema of this folder becomes a message, on the channel of the topic that its property "topic" names, with the
settings of that topic in kafka/topics.yaml. The operations are those of the job: it receives prompts and sends all other
records. With --check it writes nothing, and returns 1 if the document is out of date.
"""

import json
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
TARGET = ROOT / "docs" / "asyncapi.json"
RECEIVED = "zoetrope.prompts"
AVRO = "application/vnd.apache.avro+json;version=1.9.0"

TRACE = {
    "traceparent": "W3C Trace Context, copied from the prompt to its answer.",
    "tracestate": "W3C Trace Context, copied from the prompt to its answer.",
}
CLOUD_EVENT = {
    "ce_specversion": "The version of CloudEvents, 1.0.",
    "ce_id": "The id of the event, unique within its source.",
    "ce_source": "/zoetrope/ and the job's group-id.",
    "ce_type": "The type of the event.",
    "ce_time": "The time in the record.",
    "ce_subject": "The request id; absent if the event had none.",
    "content-type": "application/avro.",
}
DEAD_LETTER = {
    "__connect.errors.topic": "The topic of the prompt.",
    "__connect.errors.partition": "The partition of the prompt, in decimal digits.",
    "__connect.errors.offset": "The offset of the prompt, in decimal digits.",
    "__connect.errors.stage": "The stage that detected the failure.",
    "__connect.errors.exception.message": "The message of the failure.",
}
INFO = {
    "title": "Zoetrope",
    "description": "Prompts in, videos out. A value is an Avro record in single-object encoding: ten bytes that name its"
    " schema, then the record; with the option schema-registry, in the framing of the registry. docs/clients.md says"
    " what a client has to send and what it receives.",
    "license": {"name": "Apache 2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
}


def version() -> str:
    """Returns the version of the project."""
    match = re.search(r"<revision>(.*)</revision>", (ROOT / "pom.xml").read_text(encoding="utf-8"))
    if match is None:
        raise SystemExit("pom.xml has no revision")
    return match.group(1)


def topics() -> dict[str, dict[str, str]]:
    """Returns the settings of each topic of the topics file."""
    found: dict[str, dict[str, str]] = {}
    for line in (ROOT / "kafka" / "topics.yaml").read_text(encoding="utf-8").splitlines():
        if topic := re.match(r"^([\w.-]+):\s*$", line):
            found[topic.group(1)] = {}
        elif setting := re.match(r"^ +([\w.-]+): *([^#]*?) *(?:#.*)?$", line):
            list(found.values())[-1][setting.group(1)] = setting.group(2)
    return found


def channel(topic: str, settings: dict[str, str], schema: dict) -> dict:
    """Returns the channel of a topic, which has records of one schema."""
    return {
        "address": topic,
        "messages": {schema["name"]: {"$ref": f"#/components/messages/{schema['name']}"}},
        "bindings": {
            "kafka": {
                "topic": topic,
                "partitions": int(settings["partitions"]),
                "topicConfiguration": {
                    "cleanup.policy": settings["cleanup.policy"].split(","),
                    "retention.ms": int(settings["retention.ms"]),
                    "max.message.bytes": int(settings["max.message.bytes"]),
                },
                "bindingVersion": "0.5.0",
            }
        },
    }


def headers(schema: dict) -> dict:
    """Returns the schema of the headers of a record. All are texts in UTF-8."""
    names = dict(TRACE)
    if schema["topic"] != RECEIVED:
        names |= CLOUD_EVENT
    if schema["name"] == "FailedPrompt":
        names |= DEAD_LETTER
    return {"type": "object", "properties": {name: {"type": "string", "description": text} for name, text in names.items()}}


def message(schema: dict) -> dict:
    """Returns the message of a schema."""
    return {
        "name": schema["name"],
        "title": schema["name"],
        "summary": schema["doc"],
        "contentType": "application/avro",
        "headers": headers(schema),
        "payload": {"schemaFormat": AVRO, "schema": schema},
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": "The request id in UTF-8, or absent: see the message's summary."},
                "bindingVersion": "0.5.0",
            }
        },
    }


def operation(schema: dict) -> tuple[str, dict]:
    """Returns the job's operation on the records of a schema, with its name."""
    action = "receive" if schema["topic"] == RECEIVED else "send"
    reference = {"$ref": f"#/channels/{schema['topic']}"}
    return action + schema["name"], {
        "action": action,
        "channel": reference,
        "messages": [{"$ref": f"{reference['$ref']}/messages/{schema['name']}"}],
    }


def document() -> dict:
    """Returns the document."""
    schemas = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(HERE.glob("*.avsc"))]
    settings = topics()
    for schema in schemas:
        if schema.get("topic") not in settings:
            raise SystemExit(f'schema {schema["name"]}: its property "topic" is not a topic of kafka/topics.yaml; correct it')
    return {
        "asyncapi": "3.0.0",
        "info": INFO | {"version": version()},
        "defaultContentType": "application/avro",
        "servers": {"local": {"host": "localhost:9092", "protocol": "kafka", "description": "./zoetrope up"}},
        "channels": {each["topic"]: channel(each["topic"], settings[each["topic"]], each) for each in schemas},
        "operations": dict(operation(each) for each in schemas),
        "components": {"messages": {each["name"]: message(each) for each in schemas}},
    }


def main() -> int:
    """Writes the document, or checks it."""
    text = json.dumps(document(), indent=2, ensure_ascii=False) + "\n"
    if TARGET.exists() and TARGET.read_text(encoding="utf-8") == text:
        return 0
    if "--check" in sys.argv:
        print("docs/asyncapi.json differs from schemas/ and kafka/topics.yaml; run schemas/asyncapi.py")
        return 1
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
