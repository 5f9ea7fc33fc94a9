#!/bin/sh
# Formats the storage once, then becomes the broker, as the entry point of apache/kafka does with a mounted configuration.
set -eu
settings=/mnt/shared/config/server.properties
run() {
    main="$1"
    shift
    exec java ${KAFKA_HEAP_OPTS:-} -XX:+UseSerialGC -Dlog4j2.configurationFile=/opt/log4j2.properties \
        -cp '/opt/kafka/libs/*' "$main" "$@"
}
(run kafka.tools.StorageTool format --ignore-formatted -t 5L6g3nShT-eMCtK--X86sw -c "$settings")
run kafka.Kafka "$settings" --override "advertised.listeners=$KAFKA_ADVERTISED_LISTENERS"
