// A Zoetrope client in Go: publishes a prompt, waits for its answer, and writes the MP4 or prints why it failed.
//
//	go run . localhost:9092 order-17 "a red circle moving right on a black background" order-17.mp4
//
// A record's value is Avro's single-object encoding: ten bytes that name the schema, then the record. goavro computes
// other fingerprints than the specification for schemas with logical types, so this client has the ten bytes of each
// schema as docs/clients.md lists them. The schemas are the files in schemas/.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/confluentinc/confluent-kafka-go/kafka"
	"github.com/linkedin/goavro/v2"
)

const (
	prompts  = "zoetrope.prompts"
	videos   = "zoetrope.videos"
	failures = "zoetrope.failures"
	patience = 5 * time.Minute
)

// A format is a schema and the ten bytes in front of every record of it.
type format struct {
	header []byte
	codec  *goavro.Codec
}

func newFormat(schemas, file, header string) format {
	text, err := os.ReadFile(filepath.Join(schemas, file))
	check(err)
	codec, err := goavro.NewCodec(string(text))
	check(err)
	prefix, err := hex.DecodeString(header)
	check(err)
	return format{prefix, codec}
}

// decode returns the fields of a record, which is in one of the formats.
func decode(value []byte, formats ...format) map[string]interface{} {
	for _, each := range formats {
		if bytes.HasPrefix(value, each.header) {
			record, _, err := each.codec.NativeFromBinary(value[len(each.header):])
			check(err)
			return record.(map[string]interface{})
		}
	}
	log.Fatalf("the value starts with %x, which this client does not know; see docs/clients.md", value[:10])
	return nil
}

// publish returns when Kafka has acknowledged the prompt. Fields that are left out have the defaults of the schema; a
// field that may be null is a union, such as goavro.Union("long", 7) for the seed.
func publish(servers, id, text string, event format) {
	value, err := event.codec.BinaryFromNative(append([]byte{}, event.header...), map[string]interface{}{
		"request_id": id,
		"prompt":     text,
		"created_at": time.Now(),
	})
	check(err)
	producer, err := kafka.NewProducer(&kafka.ConfigMap{"bootstrap.servers": servers})
	check(err)
	defer producer.Close()
	topic := prompts
	delivered := make(chan kafka.Event, 1)
	check(producer.Produce(&kafka.Message{
		TopicPartition: kafka.TopicPartition{Topic: &topic, Partition: kafka.PartitionAny},
		Key:            []byte(id),
		Value:          value,
	}, delivered))
	check((<-delivered).(*kafka.Message).TopicPartition.Error)
}

// await returns the video of a request: the first segment whole, the others without their init segments.
func await(servers, id string, segments []format, failed format) []byte {
	consumer, err := kafka.NewConsumer(&kafka.ConfigMap{
		"bootstrap.servers":  servers,
		"group.id":           "zoetrope-client-" + id,
		"enable.auto.commit": false,
		"auto.offset.reset":  "earliest",
		"isolation.level":    "read_committed",
	})
	check(err)
	defer consumer.Close()
	check(consumer.SubscribeTopics([]string{videos, failures}, nil))
	var video []byte
	for end := time.Now().Add(patience); time.Now().Before(end); {
		message, err := consumer.ReadMessage(time.Second)
		if err != nil {
			if failure, isKafka := err.(kafka.Error); isKafka && failure.Code() == kafka.ErrTimedOut {
				continue
			}
			check(err)
		}
		if string(message.Key) != id {
			continue
		}
		if *message.TopicPartition.Topic == failures {
			answer := decode(message.Value, failed)
			log.Fatalf("%s: %s", answer["code"], answer["message"])
		}
		segment := decode(message.Value, segments...)
		payload := bytesOf(segment["payload"])
		if digest := sha256.Sum256(payload); hex.EncodeToString(digest[:]) != segment["payload_sha256"] {
			log.Fatalf("segment %d of %s is damaged", segment["index"], id)
		}
		if segment["index"].(int32) > 0 {
			payload = payload[segment["init_length"].(int32):]
		}
		video = append(video, payload...)
		if segment["last"].(bool) {
			return video
		}
	}
	log.Fatalf("there was no answer to %s within %s", id, patience)
	return nil
}

// bytesOf returns the bytes in a field that may be null.
func bytesOf(union interface{}) []byte {
	if branch, isUnion := union.(map[string]interface{}); isUnion {
		return branch["bytes"].([]byte)
	}
	log.Fatal("the payload is not in the record; read it at payload_uri")
	return nil
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	if len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "usage: SERVERS REQUEST_ID PROMPT FILE.mp4; ZOETROPE_SCHEMAS is the folder of the schemas")
		os.Exit(2)
	}
	log.SetFlags(0)
	servers, id, text, file := os.Args[1], os.Args[2], os.Args[3], os.Args[4]
	schemas := os.Getenv("ZOETROPE_SCHEMAS")
	if schemas == "" {
		schemas = "../../../schemas"
	}
	event := newFormat(schemas, "prompt_event.avsc", "c301ddd40cc40aa572d4")
	failed := newFormat(schemas, "failed_prompt.avsc", "c30153745b60316b8f1e")
	segments := []format{
		newFormat(schemas, "video_segment.avsc", "c3019bf6accb42617f4f"),
		newFormat(schemas, "earlier/video_segment-0.1.0.avsc", "c30145df6bbca0e313ca"),
	}

	publish(servers, id, text, event)
	check(os.WriteFile(file, await(servers, id, segments, failed), 0o644))
}
