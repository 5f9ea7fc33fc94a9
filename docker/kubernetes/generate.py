#!/usr/bin/env python3
"""Writes the manifests that other files of the repository define.

Usage: generate.py [--check]

topics/topics.yaml         one Strimzi KafkaTopic for each topic of kafka/topics.yaml
base/prometheus-rule.yaml  the alert rules of docs/alerts.yaml
base/flink-settings.yaml   the settings of docs/flink/config.yaml, as a patch of the FlinkDeployment
base/flink-logging.yaml    the log configuration of the image, as a patch of the FlinkDeployment

With --check it writes nothing, and returns 1 if a file is out of date.
"""

import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
NOTE = "# Written by docker/kubernetes/generate.py from {}. Do not edit.\n"
SETTING = re.compile(r"^([\w.-]+): *([^#]*?) *(?:#.*)?$")

TOPIC = """\
---
apiVersion: kafka.strimzi.io/v1
kind: KafkaTopic
metadata:
  name: {name}
  labels:
    strimzi.io/cluster: kafka
spec:
  partitions: {partitions}
{replicas}  config:
{config}"""

RULE = """\
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: zoetrope
spec:
"""

SETTINGS = """\
apiVersion: flink.apache.org/v1beta1
kind: FlinkDeployment
metadata:
  name: zoetrope
spec:
  flinkConfiguration:
"""

LOGGING = """\
apiVersion: flink.apache.org/v1beta1
kind: FlinkDeployment
metadata:
  name: zoetrope
spec:
  logConfiguration:
    log4j-console.properties: |
"""


def settings(lines: list[str]) -> dict[str, str]:
    """Returns the flat settings of a YAML file without nesting."""
    return dict(match.groups() for line in lines if (match := SETTING.match(line)))


def topics(source: str) -> str:
    """Returns the KafkaTopics of a topics file: two levels of YAML, of which the first is the topics."""
    text = ""
    for block in re.split(r"^(?=\S+:\s*$)", source, flags=re.MULTILINE)[1:]:
        name, *lines = block.splitlines()
        config = settings([line.strip() for line in lines])
        partitions, factor = config.pop("partitions"), config.pop("replication.factor")
        text += TOPIC.format(
            name=name.rstrip().rstrip(":"),
            partitions=partitions,
            replicas="" if factor == "default" else f"  replicas: {factor}\n",
            config="".join(f"    {key}: {value}\n" for key, value in config.items()),
        )
    return text


def rule(source: str) -> str:
    """Returns the PrometheusRule of a file of alert rules, which has the same format one level higher."""
    lines = [line for line in source.splitlines() if not line.startswith("#")]
    return RULE + "".join(f"  {line}\n" for line in lines)


def flink_settings(source: str) -> str:
    """Returns the patch with Flink's settings. Kubernetes elects the leader, so those of ZooKeeper are left out."""
    found = settings(source.splitlines())
    return SETTINGS + "".join(f'    {key}: "{value}"\n' for key, value in found.items() if "zookeeper" not in key)


def flink_logging(source: str) -> str:
    """Returns the patch with the log configuration, unchanged."""
    return LOGGING + "".join(f"      {line}\n" if line else "\n" for line in source.splitlines())


def main() -> int:
    """Writes the files, or checks them."""
    parts = {
        "topics/topics.yaml": ("kafka/topics.yaml", topics),
        "base/prometheus-rule.yaml": ("docs/alerts.yaml", rule),
        "base/flink-settings.yaml": ("docs/flink/config.yaml", flink_settings),
        "base/flink-logging.yaml": ("docker/image/opt/flink/conf/log4j-console.properties", flink_logging),
    }
    stale = []
    for name, (source, convert) in parts.items():
        target = HERE / name
        text = NOTE.format(source) + convert((ROOT / source).read_text(encoding="utf-8"))
        if target.exists() and target.read_text(encoding="utf-8") == text:
            continue
        if "--check" in sys.argv:
            stale.append(f"{target.relative_to(ROOT)} differs from {source}; run docker/kubernetes/generate.py")
        else:
            target.write_text(text, encoding="utf-8")
    print(*stale, sep="\n", end="\n" if stale else "")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
