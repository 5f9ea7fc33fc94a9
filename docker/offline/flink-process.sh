#!/usr/bin/env bash
# Does what Flink's bin/standalone-job.sh and bin/taskmanager.sh do with `start-foreground`: lets Flink derive the JVM's
# memory from its settings, then becomes the process.
set -euo pipefail
home="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
[[ "$1" == start-foreground ]] || { echo "$0: only start-foreground is supported, not $1" >&2; exit 2; }
shift

case "$(basename "$0")" in
    standalone-job.sh)
        command=GET_JM_RESOURCE_PARAMS
        main=org.apache.flink.container.entrypoint.StandaloneApplicationClusterEntryPoint
        ;;
    taskmanager.sh)
        command=GET_TM_RESOURCE_PARAMS
        main=org.apache.flink.runtime.taskexecutor.TaskManagerRunner
        ;;
esac

export FLINK_CONF_DIR="$home/conf" FLINK_LIB_DIR="$home/lib" FLINK_PLUGINS_DIR="$home/plugins"
settings=()
for argument in "$@"; do
    [[ "$argument" == -D* ]] && settings+=("$argument")
done
# Two lines: the options of the JVM, and the settings that follow from them.
mapfile -t derived < <(java -XX:TieredStopAtLevel=1 -cp "$home/lib/*" org.apache.flink.runtime.util.bash.BashJavaUtils \
    "$command" --configDir "$home/conf" --binDir "$home/bin" --libDir "$home/lib" "${settings[@]}" |
    sed -n 's/.*BASH_JAVA_UTILS_EXEC_RESULT://p')
[[ "${#derived[@]}" -eq 2 ]] || { echo "$0: Flink could not derive the memory from the settings above" >&2; exit 1; }
read -ra jvm <<<"${derived[0]}"
read -ra memory <<<"${derived[1]}"
read -ra opens <<<"$(sed -n 's/^env.java.opts.all: //p' "$home/conf/config.yaml")"
exec java "${jvm[@]}" "${opens[@]}" "-Dlog4j.configurationFile=file:$home/conf/log4j-console.properties" -cp "$home/lib/*" "$main" \
    --configDir "$home/conf" "${memory[@]}" "$@"
