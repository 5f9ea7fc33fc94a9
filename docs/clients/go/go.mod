module zoetrope-client

go 1.19

require (
	github.com/confluentinc/confluent-kafka-go v1.9.2
	github.com/linkedin/goavro/v2 v2.10.1
)
