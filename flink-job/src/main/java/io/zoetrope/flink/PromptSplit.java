package io.zoetrope.flink;

import java.io.IOException;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplitSerializer;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.kafka.common.Uuid;

/**
 * The position of a reader in a partition, as it is kept in state, together with the id of the topic that it was read
 * from. A topic that is deleted and created again has another id, though its name and its offsets look the same.
 */
final class PromptSplit extends KafkaPartitionSplit {
    private final Uuid topicId;

    PromptSplit(KafkaPartitionSplit split, Uuid topicId) {
        super(
                split.getTopicPartition(),
                split.getStartingOffset(),
                split.getStoppingOffset().orElse(NO_STOPPING_OFFSET));
        this.topicId = topicId;
    }

    Uuid topicId() {
        return topicId;
    }

    /**
     * Serializes splits with the id of their topic. Reads splits of release 0.1.0 and splits that no reader has opened
     * yet, neither of which has an id, as the connector's own.
     */
    static final class Serializer implements SimpleVersionedSerializer<KafkaPartitionSplit> {
        /** The version of the connector's serializer, which release 0.1.0 used, is 0. */
        private static final int VERSION = 1;

        private final KafkaPartitionSplitSerializer connector = new KafkaPartitionSplitSerializer();

        @Override
        public int getVersion() {
            return VERSION;
        }

        @Override
        public byte[] serialize(KafkaPartitionSplit split) throws IOException {
            byte[] bytes = connector.serialize(split);
            DataOutputSerializer out = new DataOutputSerializer(bytes.length + Long.BYTES * 4);
            out.writeUTF(split instanceof PromptSplit read ? read.topicId().toString() : "");
            out.writeInt(connector.getVersion());
            out.writeInt(bytes.length);
            out.write(bytes);
            return out.getCopyOfBuffer();
        }

        @Override
        public KafkaPartitionSplit deserialize(int version, byte[] serialized) throws IOException {
            if (version < VERSION) {
                return connector.deserialize(version, serialized);
            }
            DataInputDeserializer in = new DataInputDeserializer(serialized);
            String topicId = in.readUTF();
            int connectorVersion = in.readInt();
            byte[] bytes = new byte[in.readInt()];
            in.readFully(bytes);
            KafkaPartitionSplit split = connector.deserialize(connectorVersion, bytes);
            return topicId.isEmpty() ? split : new PromptSplit(split, Uuid.fromString(topicId));
        }
    }
}
