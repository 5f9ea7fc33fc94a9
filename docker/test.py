#!/usr/bin/env python3
"""Runs the job as a cluster of containers, kills parts of it under load, and audits every answer.

Usage: docker/test.py [--report FILE] [--keep]

./zoetrope test --all runs it. It uses the official images if their registry answers, and otherwise the bases of
docker/offline. Names and ports are its own, so it runs beside another cluster. --keep leaves the cluster running. Exit
codes: 0 passed, 1 failed, 77 skipped because a tool is missing; the message names it. With CI=true a missing tool is a
failure.
"""

import concurrent.futures
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROMPTS = 100
# Published after the first kill, while the job has not recovered.
LATE_PROMPTS = 30
FAILOVER_PROMPTS = 60
# So many prompts are in the process that is killed.
IN_FLIGHT = 5
ALERT = "NothingCommits"
LARGEST_IMAGE = 700_000_000
READY_SECONDS = 60
KAFKA = "kafka:19092"
SHAPES = ("circle", "square", "triangle", "star", "heart")
COLOURS = ("red", "orange", "yellow", "green", "blue")
MOVES = ("moving left", "spinning", "bouncing", "growing")


class Failure(Exception):
    """A promise that does not hold."""


def works(*command: str) -> bool:
    """Returns whether a program exists and succeeds."""
    return (
        shutil.which(command[0]) is not None
        and subprocess.run(command, capture_output=True, check=False).returncode == 0
    )


def skip(reason: str) -> None:
    """Ends the test, which cannot run here."""
    print(f"Skipped: {reason}", file=sys.stderr)
    sys.exit(1 if os.environ.get("CI") == "true" else 77)


def registry_answers() -> bool:
    """Returns whether the registry of the official images answers."""
    try:
        urllib.request.urlopen("https://auth.docker.io/token?service=registry.docker.io", timeout=10).close()
        return True
    except OSError:
        return False


def free_port() -> str:
    """Returns a port of this machine that no program uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def until(what: str, seconds: float, done: Callable[[], bool]) -> float:
    """Polls until something is done, and returns how many seconds that took."""
    start = time.monotonic()
    while not done():
        if time.monotonic() - start > seconds:
            raise Failure(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.5)
    return time.monotonic() - start


class Cluster:
    """A cluster that ./zoetrope cluster started, with names and ports of its own."""

    def __init__(self) -> None:
        self.engine = "docker" if works("docker", "info") else "podman"
        self.options = [] if registry_answers() else ["--offline"]
        # A user that no image knows.
        user = random.randrange(20_000, 60_000)
        self.project = f"zoetrope-test-{os.getpid()}"
        self.prometheus = free_port()
        self.env = os.environ | {
            "COMPOSE_PROJECT_NAME": self.project,
            "KAFKA_PORT": free_port(),
            "FLINK_PORT": free_port(),
            "PROMETHEUS_PORT": self.prometheus,
            "GRAFANA_PORT": free_port(),
            "ZOETROPE_USER": f"{user}:{user}",
            "TASKMANAGER_MEMORY": "1600m",
            "ZOETROPE_LOG_FORMAT": "json",
        }
        if self.engine == "podman" and not Path("/run/systemd/system").is_dir():
            self.env.setdefault("CONTAINERS_CONF", str(ROOT / "docker/offline/containers.conf"))

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs a program and returns its output."""
        result = subprocess.run(command, env=self.env, capture_output=True, text=True, check=False)
        if check and result.returncode != 0:
            raise Failure(f"{' '.join(command)}: exit status {result.returncode}\n{result.stdout}{result.stderr}")
        return result

    def up(self, *options: str) -> tuple[int, float]:
        """Starts the cluster. Returns the seconds from its containers to a running job, and those before."""
        start = time.monotonic()
        output = self.run(str(ROOT / "zoetrope"), "cluster", "up", *self.options, *options).stdout
        print(output)
        ready = int(re.search(r"The job runs after (\d+) s", output)[1])
        return ready, time.monotonic() - start - ready

    def down(self) -> None:
        """Removes the cluster and its data."""
        self.run(str(ROOT / "zoetrope"), "cluster", "down", "--volumes", check=False)

    def containers(self, service: str) -> list[str]:
        """Returns the ids of the running containers of a service."""
        labels = [f"label=com.docker.compose.project={self.project}", f"label=com.docker.compose.service={service}"]
        return self.run(self.engine, "ps", "-q", *(f"--filter={label}" for label in labels)).stdout.split()

    def inside(self, service: str, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs a program in the first container of a service."""
        return self.run(self.engine, "exec", self.containers(service)[0], *command, check=check)

    def get(self, container: str, address: str, path: str) -> str:
        """Returns what a server answers to a container, whose image has no HTTP client."""
        host, port = address.split(":")
        script = (
            f"exec 3<>/dev/tcp/{host}/{port}; printf 'GET {path} HTTP/1.0\\r\\nHost: {host}\\r\\n\\r\\n' >&3; cat <&3"
        )
        return self.run(self.engine, "exec", container, "bash", "-c", script).stdout

    def metric(self, container: str, name: str) -> float:
        """Returns the sum of the job's metrics with a name in one process."""
        page = self.get(container, "127.0.0.1:9249", "/metrics")
        return sum(float(value) for value in re.findall(rf"zoetrope_{name}{{.*}} ([\d.]+)", page))

    def works_on(self, container: str) -> bool:
        """Returns whether a TaskManager has enough prompts that are not answered."""
        return self.metric(container, "inFlight") + self.metric(container, "waiting") >= IN_FLIGHT

    def leader(self) -> str:
        """Returns the JobManager that runs the job: the only one that reports the job's metrics."""
        for container in self.containers("jobmanager"):
            if "flink_jobmanager_job_" in self.get(container, "127.0.0.1:9249", "/metrics"):
                return container
        raise Failure("no JobManager runs the job")

    def kill(self, container: str) -> None:
        """Ends a container at once, as a crash of its machine would."""
        self.run(self.engine, "kill", "--signal", "KILL", container)

    def query(self, expression: str) -> list[dict]:
        """Returns the series that Prometheus finds."""
        url = f"http://127.0.0.1:{self.prometheus}/api/v1/query?" + urllib.parse.urlencode({"query": expression})
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]["result"]

    def alerts(self) -> set[str]:
        """Returns the names of the alerts that fire."""
        url = f"http://127.0.0.1:{self.prometheus}/api/v1/alerts"
        with urllib.request.urlopen(url, timeout=10) as answer:
            found = json.load(answer)["data"]["alerts"]
        return {alert["labels"]["alertname"] for alert in found if alert["state"] == "firing"}

    def publish(self, first: int, count: int) -> None:
        """Publishes prompts."""
        texts = [
            f"a {COLOURS[i % 5]} {SHAPES[i // 5 % 5]} {MOVES[i // 25 % 4]}, gray background"
            for i in range(first, first + count)
        ]
        self.inside("jobmanager", "zoetrope", "prompt", "--bootstrap-servers", KAFKA, *texts)

    def audit(self) -> tuple[int, int, int]:
        """Returns the numbers of prompts, of those without a committed answer, and of those answered more than once."""
        result = self.inside("jobmanager", "zoetrope", "audit", "--bootstrap-servers", KAFKA, check=False)
        found = re.search(r"(\d+) prompts: (\d+) without an answer, (\d+) answered more than once", result.stdout)
        if not found or (result.returncode == 0) != (found[2] == found[3] == "0"):
            raise Failure(f"audit: exit status {result.returncode}\n{result.stdout}{result.stderr}")
        return int(found[1]), int(found[2]), int(found[3])

    def answered_once(self) -> bool:
        """Returns whether each prompt was answered once; not if Kafka does not answer now."""
        try:
            return self.audit()[1:] == (0, 0)
        except Failure as failure:
            print(failure, file=sys.stderr)
            return False

    def is_ready(self) -> bool:
        """Returns whether every task of the job runs."""
        return self.inside("jobmanager", "healthcheck", check=False).returncode == 0


def check_image(cluster: Cluster) -> list[tuple[str, str]]:
    """Looks at the image for its size, for tools, secrets and writable paths, and at how its containers run."""
    image = cluster.run(
        cluster.engine, "inspect", "--format", "{{.Image}}", cluster.containers("taskmanager")[0]
    ).stdout
    size = int(cluster.run(cluster.engine, "image", "inspect", "--format", "{{.Size}}", image.strip()).stdout)
    if size > LARGEST_IMAGE:
        raise Failure(f"the image has {size} bytes, more than {LARGEST_IMAGE}")
    tools = "for t in javac mvn gcc make git pip curl wget; do command -v $t; done; true"
    found = cluster.inside("taskmanager", "bash", "-c", tools).stdout.split()
    # Podman mounts a folder in memory on /var/tmp and /run when the root is read-only.
    writable = "find / -xdev -writable ! -type l ! -path /tmp ! -path /var/tmp ! -path /run 2>/dev/null; true"
    paths = cluster.inside("taskmanager", "bash", "-c", writable).stdout.split()
    secrets = "grep -rlIE 'BEGIN [A-Z ]*PRIVATE KEY|<password>' /opt/flink/conf /opt/zoetrope /etc /usr/local; true"
    keys = cluster.inside("taskmanager", "bash", "-c", f"{secrets} 2>/dev/null").stdout.split()
    if found or paths or keys:
        raise Failure(f"the image has tools {found}, writable paths {paths}, secrets {keys}")
    for service in ("jobmanager", "taskmanager"):
        for container in cluster.containers(service):
            state = json.loads(cluster.run(cluster.engine, "inspect", container).stdout)[0]
            if not state["HostConfig"]["ReadonlyRootfs"]:
                raise Failure(f"the root of {service} is writable")
    user = cluster.inside("taskmanager", "id", "-u").stdout.strip()
    return [
        ("size of the image `job`", f"{size / 1e6:.0f} MB, at most {LARGEST_IMAGE / 1e6:.0f}"),
        ("user of the processes", f"{user}, chosen at random; the root is read-only"),
        ("compilers, build tools, HTTP clients, private keys, writable paths outside /tmp", "none"),
    ]


def check_network(cluster: Cluster) -> list[tuple[str, str]]:
    """Looks whether a TaskManager has a way out of the cluster's own network."""
    routes = cluster.inside("taskmanager", "cat", "/proc/net/route").stdout.splitlines()[1:]
    if not routes or any(line.split()[1] == "00000000" for line in routes):
        raise Failure(f"a TaskManager has a default route, or no network at all: {routes}")
    return [("network of a TaskManager", "that of Kafka and the store; no route to any other")]


def check_logs(cluster: Cluster) -> list[tuple[str, str]]:
    """Parses the log of a TaskManager, which writes JSON."""
    log = cluster.run(cluster.engine, "logs", cluster.containers("taskmanager")[0])
    lines = [json.loads(line) for line in (log.stdout + log.stderr).splitlines() if line.startswith("{")]
    if not any("TaskManager" in line["message"] for line in lines):
        raise Failure(f"the log of a TaskManager has {len(lines)} lines in JSON, and none about its start")
    return [("log of a TaskManager with ZOETROPE_LOG_FORMAT=json", f"{len(lines)} objects, all parsed")]


def kill_in_flight(cluster: Cluster, killed: str, count: int) -> int:
    """Publishes prompts, and kills a container while they are in flight. Returns how many had no committed answer."""
    workers = cluster.containers("taskmanager")
    watched = killed if killed in workers else workers[0]
    before = cluster.audit()[0]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        published = pool.submit(cluster.publish, before, count)
        until("prompts are in flight", 120, lambda: cluster.works_on(watched))
        cluster.kill(killed)
        published.result()
    open_prompts = cluster.audit()[1]
    if open_prompts == 0:
        raise Failure("all prompts had been answered when the container was killed")
    return open_prompts


def check_kill(cluster: Cluster) -> list[tuple[str, str]]:
    """Kills a TaskManager that has prompts in flight, and audits the answers."""
    killed = cluster.containers("taskmanager")[0]
    open_prompts = kill_in_flight(cluster, killed, PROMPTS - LATE_PROMPTS)
    start = time.monotonic()
    cluster.publish(PROMPTS - LATE_PROMPTS, LATE_PROMPTS)
    until("each prompt is answered once", 300, cluster.answered_once)
    left = len(cluster.containers("taskmanager"))
    return [
        ("prompts", f"{cluster.audit()[0]}, {LATE_PROMPTS} of them published after the kill"),
        ("killed by SIGKILL", f"1 of {left + 1} TaskManagers, while {open_prompts} prompts had no committed answer"),
        (
            "each prompt answered once, by a read_committed audit",
            f"yes, {time.monotonic() - start:.0f} s after the kill",
        ),
    ]


def check_failover(cluster: Cluster) -> list[tuple[str, str]]:
    """Kills the leading one of two JobManagers while prompts are in flight, and audits the answers."""
    ready, _ = cluster.up("--taskmanagers", "2", "--ha")
    killed = cluster.leader()
    open_prompts = kill_in_flight(cluster, killed, FAILOVER_PROMPTS)
    start = time.monotonic()
    until("each prompt is answered once", 300, cluster.answered_once)
    seconds = time.monotonic() - start
    if cluster.leader() == killed:
        raise Failure("the killed JobManager still runs the job")
    return [
        ("restart with --ha to a running job", f"{ready} s"),
        ("killed by SIGKILL", f"the leading JobManager of 2, while {open_prompts} prompts had no committed answer"),
        (f"{cluster.audit()[0]} prompts answered once, those before included", f"yes, {seconds:.0f} s after the kill"),
    ]


def check_audit_catches(cluster: Cluster) -> list[tuple[str, str]]:
    """Plants a prompt that no process can answer yet, which the audit has to name."""
    workers = cluster.containers("taskmanager")
    for worker in workers:
        cluster.run(cluster.engine, "pause", worker)
    cluster.publish(PROMPTS, 1)
    caught = cluster.audit()[1] == 1
    for worker in workers:
        cluster.run(cluster.engine, "unpause", worker)
    if not caught:
        raise Failure("the audit did not name a prompt that was not answered")
    seconds = until("the planted prompt is answered once", 300, cluster.answered_once)
    return [
        ("planted: a prompt while all TaskManagers are stopped", f"caught; answered {seconds:.0f} s after they go on")
    ]


def check_monitoring(cluster: Cluster) -> list[tuple[str, str]]:
    """Looks whether Prometheus has the job's metrics and rules, and where the state is."""
    until(
        "Prometheus has the videos",
        60,
        lambda: bool(cluster.query("flink_taskmanager_job_task_operator_zoetrope_videos")),
    )
    names = {
        series["metric"]["__name__"]
        for series in cluster.query('{__name__=~"flink_taskmanager_job_task_operator_zoetrope_.*"}')
    }
    with urllib.request.urlopen(f"http://127.0.0.1:{cluster.prometheus}/api/v1/rules", timeout=10) as answer:
        rules = json.load(answer)["data"]["groups"][0]["rules"]
    broken = [rule["name"] for rule in rules if rule["health"] == "err"]
    if broken:
        raise Failure(f"rules that Prometheus cannot evaluate: {broken}")
    objects = cluster.get(cluster.containers("jobmanager")[0], "s3:9090", "/zoetrope?list-type=2&prefix=state/")
    checkpoints = len(re.findall(r"<Key>state/checkpoints/[^<]*/_metadata</Key>", objects))
    if checkpoints == 0:
        raise Failure("no checkpoint is in the S3 store")
    return [
        ("metrics of the job in Prometheus", f"{len(names)} names, {len(rules)} rules"),
        ("complete checkpoints in the S3 store", str(checkpoints)),
    ]


def check_stall(cluster: Cluster) -> list[tuple[str, str]]:
    """Stops the S3 store, so that no answer is committed, and waits for the alert."""
    if ALERT in cluster.alerts():
        raise Failure(f"{ALERT} fires before the stall")
    store = cluster.containers("s3")[0]
    cluster.run(cluster.engine, "pause", store)
    try:
        cluster.publish(0, 4)
        fired = until(f"{ALERT} fires", 300, lambda: ALERT in cluster.alerts())
    finally:
        cluster.run(cluster.engine, "unpause", store)
    answered = until("each prompt is answered once", 300, cluster.answered_once)
    ended = until(f"{ALERT} ends", 120, lambda: ALERT not in cluster.alerts())
    return [
        ("planted: the S3 store is stopped", f"the alert {ALERT} fires after {fired:.0f} s"),
        ("the store goes on", f"each prompt answered once after {answered:.0f} s, the alert ends {ended:.0f} s later"),
    ]


def main() -> int:
    """Runs all checks and writes the report."""
    if not works("docker", "info") and not (shutil.which("podman") and shutil.which("buildah")):
        skip("no container engine; install Docker and start it, or: apt-get install podman buildah runc")
    if not works("docker", "compose", "version") and not shutil.which("docker-compose"):
        skip("no compose command; install Docker's Compose plugin, or: apt-get install docker-compose")
    cluster = Cluster()
    if cluster.options and not shutil.which("mmdebstrap"):
        skip("no container registry answers, and bases of our own need: apt-get install mmdebstrap")
    rows = [("engine", cluster.engine + (", bases made from packages" if cluster.options else ", official bases"))]
    first = not cluster.run(cluster.engine, "images", "-q").stdout.strip()
    start = time.monotonic()
    try:
        ready, built = cluster.up("--taskmanagers", "2")
        rows.append((f"images built from {'nothing' if first else 'the layers of an earlier build'}", f"{built:.0f} s"))
        rows.append(
            ("start of the containers to a running job", f"{ready} s, at most {READY_SECONDS} on an idle machine")
        )
        rows.append(("load of the machine then", f"{os.getloadavg()[0]:.0f} processes that run or wait"))
        checks = (
            check_image,
            check_network,
            check_logs,
            check_kill,
            check_audit_catches,
            check_monitoring,
            check_stall,
        )
        for check in (*checks, check_failover):
            found = check(cluster)
            print(*found, sep="\n", flush=True)
            rows += found
    except Failure as failure:
        print(f"FAILED: {failure}", file=sys.stderr)
        return 1
    finally:
        if "--keep" not in sys.argv:
            cluster.down()
    rows.append(("the whole test", f"{time.monotonic() - start:.0f} s"))
    if "--report" in sys.argv:
        table = "".join(f"| {what} | {figure} |\n" for what, figure in rows)
        Path(sys.argv[sys.argv.index("--report") + 1]).write_text(
            "# The cluster of containers\n\nWritten by `docker/test.py --report`, on "
            f"{os.cpu_count()} cores.\n\n| what | figure |\n|---|---|\n{table}",
            encoding="utf-8",
        )
    print(f"Passed in {time.monotonic() - start:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
