#!/usr/bin/env bash
# Makes the stand-ins for the official images: a Debian base from packages, and from it every target of Dockerfile.
# Usage: docker/offline/build.sh [TARGET...]
#
# Without arguments it makes every target but `cuda`, the base of `job-gpu`, whose libraries are a download of 1.5 GB.
# Needs podman, buildah and mmdebstrap, and reaches Debian's mirror and Maven Central. The images are called
# localhost/zoetrope-TARGET, and the base localhost/debian:bookworm.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
home="$(cd "$here/../.." && pwd)"
export CONTAINERS_CONF="${CONTAINERS_CONF:-$here/containers.conf}"
targets=("$@")
[[ $# -gt 0 ]] || targets=(jdk flink kafka s3 zookeeper prometheus)
base=localhost/debian:bookworm

if ! podman image exists "$base"; then
    work="$(mktemp -d)"
    trap 'rm -rf "$work"' EXIT
    # Without documentation and translations.
    mmdebstrap --quiet --variant=minbase --include=ca-certificates \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' bookworm "$work/base.tar"
    podman import --quiet "$work/base.tar" "$base"
fi

for target in "${targets[@]}"; do
    # The certificates of this machine, in case it reaches Maven through a proxy with one of its own. They are mounted
    # while a command runs, and are in no image.
    certificates=()
    [[ "$target" == jdk || "$target" == prometheus ]] || certificates=(--volume /etc/ssl/certs:/etc/ssl/certs:ro)
    buildah bud --isolation chroot --pull-never --format docker --layers --quiet --build-arg BASE="$base" \
        "${certificates[@]}" --file "$here/Dockerfile" --target "$target" --tag "localhost/zoetrope-$target" "$home"
done
