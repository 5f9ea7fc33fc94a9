#!/usr/bin/env bash
# Starts one process of the cluster, or runs a command.
# Usage: jobmanager [OPTION...] | taskmanager | COMMAND...
#
# FLINK_PROPERTIES          Flink's settings of this deployment, one `key: value` a line. They become arguments: the
#                           entry point of Flink's image writes them into conf/config.yaml, which a read-only root
#                           does not allow.
# JOB_MANAGER_RPC_ADDRESS   The name under which the JobManager is reached; this container's name by default.
# ZOETROPE_LOG_FORMAT       text, the default, or json.
# ZOETROPE_OPTIONS          More options of the job, separated by spaces; the JobManager's only.
set -euo pipefail

case "${ZOETROPE_LOG_FORMAT:=text}" in
    text | json) export ZOETROPE_LOG_FORMAT ;;
    *) echo "ZOETROPE_LOG_FORMAT: '$ZOETROPE_LOG_FORMAT' is not a format; set text or json" >&2 && exit 2 ;;
esac

settings=("-Djobmanager.rpc.address=${JOB_MANAGER_RPC_ADDRESS:-$(hostname)}")
while IFS= read -r line; do
    [[ "$line" =~ ^[[:space:]]*([^#:[:space:]]+):[[:space:]]*(.*)$ ]] || continue
    settings+=("-D${BASH_REMATCH[1]}=${BASH_REMATCH[2]}")
done <<<"${FLINK_PROPERTIES:-}"

read -ra options <<<"${ZOETROPE_OPTIONS:-}"
case "${1:-}" in
    jobmanager)
        # Without `--`, Flink reads --config as its own --configDir.
        exec /opt/flink/bin/standalone-job.sh start-foreground --job-classname io.zoetrope.VideoJob "${settings[@]}" \
            -- --config /opt/zoetrope/zoetrope.yaml "${@:2}" "${options[@]}"
        ;;
    taskmanager) exec /opt/flink/bin/taskmanager.sh start-foreground "${settings[@]}" "${@:2}" ;;
    *) exec "$@" ;;
esac
