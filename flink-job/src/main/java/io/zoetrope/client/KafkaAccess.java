package io.zoetrope.client;

import java.util.Optional;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;

/** Says in a sentence why Kafka does not let a client in. */
public final class KafkaAccess {
    private KafkaAccess() {}

    /**
     * Returns what the settings lack to talk to Kafka: TLS, or credentials. Returns empty if they lack nothing that can
     * be seen without a log-in, and if nothing listens. Takes a few seconds at most.
     */
    public static Optional<String> fault(KafkaSettings settings) {
        return ListenerProbe.fault(settings);
    }

    /** Returns whether an exception of a Kafka client says that Kafka refused the client or what it asked for. */
    public static boolean isRefusal(Throwable thrown) {
        Throwable reason = thrown.getCause() instanceof KafkaException ? thrown.getCause() : thrown;
        return reason instanceof AuthenticationException || reason instanceof AuthorizationException;
    }

    /** Returns the fact and the remedy for an exception of a Kafka client. */
    public static String explain(KafkaSettings settings, Throwable thrown) {
        Throwable reason = thrown.getCause() instanceof KafkaException ? thrown.getCause() : thrown;
        if (reason instanceof ConfigException) {
            return "the settings of Kafka's clients are invalid: " + reason.getMessage()
                    + "; give addresses as HOST:PORT, and other settings as Kafka's documentation describes them";
        }
        if (reason instanceof AuthenticationException) {
            return "Kafka at " + settings.servers() + " refused the log-in (" + reason.getMessage()
                    + "); check the credentials and certificates of --kafka.sasl and --kafka.ssl";
        }
        if (reason instanceof AuthorizationException) {
            return "Kafka at " + settings.servers() + " does not allow this client to do that (" + reason.getMessage()
                    + "); grant the ACLs that docs/security.md lists for this command";
        }
        return "no Kafka responds at " + settings.servers() + " (" + reason.getMessage()
                + "); start one with ./zoetrope up, or give its address with --bootstrap-servers";
    }
}
