#!/usr/bin/env bash
# Starts one process of the cluster, or runs a command.
# Usage: jobmanager [OPTION...] | taskmanager | COMMAND...
#
# FLINK_PROPERTIES          Flink's settings of this deployment, one `key: value` a line. They become arguments: the
#                           entry point of Flink's image writes them into conf/config.yaml, which a read-only root
#                           does not allow.
# JOB_MANAGER_RPC_ADDRESS   The name under which the JobManager is reached; this container's address by default.
set -euo pipefail

settings=("-Djobmanager.rpc.address=${JOB_MANAGER_RPC_ADDRESS:-$(hostname -i | cut -d' ' -f1)}")
while IFS= read -r line; do
    [[ "$line" =~ ^[[:space:]]*([^#:[:space:]]+):[[:space:]]*(.*)$ ]] || continue
    settings+=("-D${BASH_REMATCH[1]}=${BASH_REMATCH[2]}")
done <<<"${FLINK_PROPERTIES:-}"

case "${1:-}" in
    jobmanager)
        # Without `--`, Flink reads --config as its own --configDir.
        exec /opt/flink/bin/standalone-job.sh start-foreground --job-classname io.zoetrope.VideoJob "${settings[@]}" \
            -- --config /opt/zoetrope/zoetrope.yaml "${@:2}"
        ;;
    taskmanager) exec /opt/flink/bin/taskmanager.sh start-foreground "${settings[@]}" "${@:2}" ;;
    *) exec "$@" ;;
esac
