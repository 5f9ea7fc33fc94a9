package io.zoetrope.flink;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.apache.commons.codec.binary.Hex;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * The identity of an answer's record: the SHA-256 digest of its topic, key and value. It is equal before the
 * record is written and after it is read. Two answers never have the same bytes, because each contains the id or the
 * position of its prompt, and the time of the answer.
 *
 * @param sha256 the digest in hexadecimal
 */
record AnswerDigest(String sha256) {
    static AnswerDigest of(ProducerRecord<byte[], byte[]> record) {
        return of(record.topic(), record.key(), record.value());
    }

    static AnswerDigest of(ConsumerRecord<byte[], byte[]> record) {
        return of(record.topic(), record.key(), record.value());
    }

    /** Leaves out the headers: a tracing agent may add some when a record is sent. */
    private static AnswerDigest of(String topic, byte @Nullable [] key, byte @Nullable [] value) {
        MessageDigest digest = DigestUtils.getSha256Digest();
        update(digest, topic.getBytes(StandardCharsets.UTF_8));
        update(digest, key);
        update(digest, value);
        return new AnswerDigest(Hex.encodeHexString(digest.digest()));
    }

    /** Adds a field with its length, so that no byte can move from one field to the next. Null has the length -1. */
    private static void update(MessageDigest digest, byte @Nullable [] field) {
        digest.update(ByteBuffer.allocate(Integer.BYTES)
                .putInt(field == null ? -1 : field.length)
                .flip());
        if (field != null) {
            digest.update(field);
        }
    }
}
