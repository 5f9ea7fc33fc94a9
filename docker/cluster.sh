#!/usr/bin/env bash
# ./zoetrope cluster: the stack of docker/compose.yaml on this machine.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
home="$(dirname "$here")"
project="${COMPOSE_PROJECT_NAME:-zoetrope}"

help() {
    cat <<'EOF'
Runs Zoetrope as a cluster of containers on this machine: Kafka, an S3 store, a
JobManager, TaskManagers, Prometheus and Grafana.
Usage: zoetrope cluster up [--taskmanagers N] [--ha] [--gpu] [--offline]
       zoetrope cluster status | logs [SERVICE...] | down [--volumes]

up       builds the images, starts the stack, and returns when the job runs
status   lists the containers, and says whether the job runs
logs     follows the logs, of all services or of those given; Ctrl-C ends it
down     stops the job and removes the containers; keeps Kafka's records and the
         checkpoints unless --volumes is given

--taskmanagers N  number of TaskManagers, 2 by default; up changes it at any time
--ha              two JobManagers, and ZooKeeper
--gpu             one TaskManager with all NVIDIA GPUs of this machine
--offline         makes the bases of the images from Debian and Maven packages, for
                  a machine that reaches no container registry; without Grafana.
                  With --gpu this downloads the libraries of CUDA: 1.9 GB

Needs Docker with its Compose plugin, or podman, buildah and docker-compose.
docker/README.md lists the variables for images, ports and sizes.
EOF
}

fail() {
    echo "zoetrope: $*" >&2
    exit 2
}

# Finds the engine and its compose command.
find_engine() {
    if docker info >/dev/null 2>&1; then
        engine=docker
    elif command -v podman >/dev/null && command -v buildah >/dev/null; then
        engine=podman
        serve_podman
    else
        fail "no container engine found; install Docker and start it, or install podman and buildah"
    fi
    if docker compose version >/dev/null 2>&1; then
        compose=(docker compose)
    elif command -v docker-compose >/dev/null; then
        compose=(docker-compose)
    else
        fail "no compose command found; install Docker's Compose plugin, or docker-compose"
    fi
    compose+=(--project-name "$project" --file "$here/compose.yaml")
    with_ha=("${compose[@]}" --file "$here/compose.ha.yaml")
}

# Compose speaks Docker's API, which podman serves on a socket until this script ends.
serve_podman() {
    # Without systemd, podman needs other settings than its own.
    [[ -d /run/systemd/system ]] || export CONTAINERS_CONF="${CONTAINERS_CONF:-$here/offline/containers.conf}"
    work="$(mktemp -d)"
    trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT
    export DOCKER_HOST="unix://$work/podman.sock"
    podman system service --time=0 "$DOCKER_HOST" >/dev/null 2>&1 </dev/null &
    local i
    for ((i = 0; i < 300; i++)); do
        [[ -S "$work/podman.sock" ]] && return
        sleep 0.1
    done
    fail "podman does not serve its API on $work/podman.sock; try: podman system service $DOCKER_HOST"
}

# Builds a target of docker/Dockerfile under the name of an image.
build() {
    local target="$1" image="$2"
    echo "Building $image."
    if [[ "$engine" == docker ]]; then
        docker build --quiet --file "$here/Dockerfile" --target "$target" --tag "$image" "${bases[@]}" "$home"
    else
        # The certificates are those of this machine, in case it reaches Maven through a proxy with one of its own. They
        # are mounted while a command runs, and are in no image.
        buildah bud --isolation chroot --format docker --layers --quiet --volume /etc/ssl/certs:/etc/ssl/certs:ro \
            --file "$here/Dockerfile" --target "$target" --tag "$image" "${bases[@]}" "$home"
    fi >/dev/null
}

use_offline_bases() {
    echo "Making the bases of the images."
    "$here/offline/build.sh" >/dev/null || fail "the bases could not be made; see above"
    if $gpu; then
        "$here/offline/build.sh" cuda >/dev/null || fail "the base for GPUs could not be made; see above"
    fi
    bases=(--pull-never --build-arg JDK=localhost/zoetrope-jdk --build-arg FLINK=localhost/zoetrope-flink
        --build-arg BASE=localhost/debian:bookworm --build-arg GPU_BASE=localhost/zoetrope-cuda)
    export KAFKA_IMAGE=localhost/zoetrope-kafka S3_IMAGE=localhost/zoetrope-s3
    export ZOOKEEPER_IMAGE=localhost/zoetrope-zookeeper PROMETHEUS_IMAGE=localhost/zoetrope-prometheus
    services=(kafka topics s3 jobmanager "$taskmanager" prometheus)
    ! $ha || services+=(zookeeper)
}

# Docker runs the health checks that the start of other services waits for. Podman leaves this to systemd.
run_health_checks() {
    local container mine="label=com.docker.compose.project=$project"
    while sleep 1; do
        for container in $(podman ps --quiet --filter "$mine" --filter health=starting); do
            podman healthcheck run "$container" || true
        done
    done >/dev/null 2>&1
}

# Returns whether the job runs. Each JobManager knows, so one that was lost does not matter.
is_ready() {
    local container
    for container in $("${with_ha[@]}" ps --quiet jobmanager); do
        "$engine" exec "$container" healthcheck >/dev/null 2>&1 && return
    done
    return 1
}

up() {
    local taskmanagers="" offline=false bases=() services=() scale
    local gpu=false taskmanager=taskmanager
    ha=false
    while [[ $# -gt 0 ]]; do
        case "$1" in
            --taskmanagers)
                [[ "${2:-}" =~ ^[1-9][0-9]*$ ]] || fail "--taskmanagers takes a number from 1, not '${2:-}'"
                taskmanagers="$2"
                shift
                ;;
            --ha) ha=true ;;
            --gpu) gpu=true taskmanager=taskmanager-gpu ;;
            --offline) offline=true ;;
            *) fail "cluster up has no option $1; see ./zoetrope cluster --help" ;;
        esac
        shift
    done
    if $gpu; then
        [[ "${taskmanagers:=1}" == 1 ]] || fail "--gpu --taskmanagers $taskmanagers: one TaskManager has all GPUs"
    fi
    : "${taskmanagers:=2}"
    find_engine
    $offline && use_offline_bases
    build job "${ZOETROPE_IMAGE:=localhost/zoetrope/job}"
    export ZOETROPE_IMAGE
    scale=(--scale "$taskmanager=$taskmanagers")
    if $gpu; then
        build job-gpu "${ZOETROPE_GPU_IMAGE:=localhost/zoetrope/job-gpu}"
        export ZOETROPE_GPU_IMAGE COMPOSE_PROFILES=gpu ZOETROPE_DEVICES="${ZOETROPE_DEVICES:-cuda:0}"
        scale+=(--scale taskmanager=0)
    fi
    if $ha; then
        compose+=(--file "$here/compose.ha.yaml")
        scale+=(--scale jobmanager=2)
        # Each JobManager has an address of its own, and any free port of this machine.
        export JOB_MANAGER_RPC_ADDRESS="" FLINK_PORT=""
        export FLINK_HA=$'high-availability.type: zookeeper
    high-availability.zookeeper.quorum: zookeeper:2181
    high-availability.storageDir: s3://zoetrope/ha'
    fi
    start=$SECONDS
    if [[ "$engine" == podman ]]; then
        run_health_checks &
    fi
    "${compose[@]}" up --detach --no-build "${scale[@]}" "${services[@]}"
    until is_ready; do
        [[ $((SECONDS - start)) -lt 600 ]] || fail "the job does not run after 600 s; see ./zoetrope cluster logs"
        sleep 1
    done
    echo "The job runs after $((SECONDS - start)) s, on $taskmanagers TaskManagers."
    addresses
}

addresses() {
    local kafka="localhost:${KAFKA_PORT:-9092}"
    cat <<EOF
Kafka       $kafka
Flink       http://$("${compose[@]}" port jobmanager 8081)
Prometheus  http://localhost:${PROMETHEUS_PORT:-9090}
EOF
    $offline || echo "Grafana     http://localhost:${GRAFANA_PORT:-3000}"
    cat <<EOF
Try: ./zoetrope prompt "a blue ring moving up on gray" --bootstrap-servers $kafka
     ./zoetrope watch --from-beginning --bootstrap-servers $kafka
EOF
}

status() {
    find_engine
    "${with_ha[@]}" ps
    if is_ready; then
        echo "The job runs."
    else
        echo "The job does not run."
        exit 1
    fi
}

case "${1:-}" in
    up) up "${@:2}" ;;
    status) status ;;
    logs) find_engine && "${with_ha[@]}" logs --follow "${@:2}" ;;
    down) find_engine && "${with_ha[@]}" down --remove-orphans "${@:2}" ;;
    "" | -h | --help) help ;;
    *) fail "cluster has no command $1; see ./zoetrope cluster --help" ;;
esac
