package io.zoetrope.client;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.apache.kafka.clients.ClientDnsLookup;
import org.apache.kafka.clients.ClientUtils;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/**
 * Finds out whether a listener expects TLS or a log-in that the settings do not have. A Kafka client does not: the
 * broker closes the connection without a word, and the client connects again until its time is over.
 */
final class ListenerProbe {
    private static final Duration TIMEOUT = Duration.ofMillis(1500);
    private static final short API_VERSIONS_VERSION = 0;
    private static final short METADATA_VERSION = 5;

    private final InetSocketAddress address;
    private final SecurityProtocol protocol;

    private ListenerProbe(InetSocketAddress address, SecurityProtocol protocol) {
        this.address = address;
        this.protocol = protocol;
    }

    /**
     * Returns what the settings lack to talk to the listener; empty if they lack nothing that this class can see, or
     * nothing listens. Takes a few seconds at most.
     */
    static Optional<String> fault(KafkaSettings settings) {
        try {
            AdminClientConfig resolved = new AdminClientConfig(settings.admin());
            SecurityProtocol protocol =
                    SecurityProtocol.forName(resolved.getString(AdminClientConfig.SECURITY_PROTOCOL_CONFIG));
            // The brokers of a cluster have equal listeners, so the first one that answers is enough.
            for (InetSocketAddress address : ClientUtils.parseAndValidateAddresses(
                    resolved.getList(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG), ClientDnsLookup.USE_ALL_DNS_IPS)) {
                try {
                    return new ListenerProbe(address, protocol).fault();
                } catch (IOException e) {
                    // Nothing listens there, or it does not answer: the client reports that.
                }
            }
        } catch (KafkaException | IllegalArgumentException e) {
            // The client reports an invalid setting.
        }
        return Optional.empty();
    }

    private Optional<String> fault() throws IOException {
        boolean tls = protocol == SecurityProtocol.SSL || protocol == SecurityProtocol.SASL_SSL;
        boolean sasl = protocol == SecurityProtocol.SASL_PLAINTEXT || protocol == SecurityProtocol.SASL_SSL;
        boolean plain = speaksPlainKafka();
        if (plain == tls) {
            return Optional.of(
                    plain
                            ? "the listener at " + address + " does not use TLS, and security.protocol is " + protocol
                                    + "; give --kafka.security.protocol " + (sasl ? "SASL_PLAINTEXT" : "PLAINTEXT")
                            : "the listener at " + address + " expects TLS, and security.protocol is " + protocol
                                    + "; give --kafka.security.protocol SASL_SSL (with credentials) or SSL");
        }
        if (!sasl && refusesRequestsWithoutLogin(tls)) {
            return Optional.of("the listener at " + address + " expects credentials, and security.protocol is "
                    + protocol + "; give --kafka.security.protocol " + (tls ? "SASL_SSL" : "SASL_PLAINTEXT")
                    + ", --kafka.sasl.mechanism and --kafka.sasl.jaas.config");
        }
        return Optional.empty();
    }

    /** Returns whether the listener answers a request that is not encrypted. Kafka answers this one before a log-in. */
    private boolean speaksPlainKafka() throws IOException {
        try (Socket socket = connect()) {
            return isAnswered(socket, apiVersions());
        }
    }

    private boolean refusesRequestsWithoutLogin(boolean tls) throws IOException {
        try (Socket plain = connect();
                Socket socket = tls ? encrypted(plain) : plain) {
            return isAnswered(socket, apiVersions()) && !isAnswered(socket, metadata());
        } catch (SSLException e) {
            return false; // such as a listener that expects a certificate of the client; the client reports that
        }
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.connect(address, (int) TIMEOUT.toMillis());
        socket.setSoTimeout((int) TIMEOUT.toMillis());
        return socket;
    }

    /** Sends a request. Returns whether a response of a plausible size comes back. */
    private static boolean isAnswered(Socket socket, ByteBuffer request) throws IOException {
        ByteBuffer framed = ByteBuffer.allocate(Integer.BYTES + request.remaining());
        framed.putInt(request.remaining()).put(request);
        try {
            socket.getOutputStream().write(framed.array());
            socket.getOutputStream().flush();
            DataInputStream in = new DataInputStream(socket.getInputStream());
            int size = in.readInt();
            if (size < Integer.BYTES || size > 100 << 20) {
                return false; // an alert of TLS, read as a size
            }
            in.readFully(new byte[size]);
            return true;
        } catch (EOFException | SocketException e) {
            return false;
        }
    }

    private static ByteBuffer apiVersions() {
        return request(
                new ApiVersionsRequest.Builder().build(API_VERSIONS_VERSION),
                ApiKeys.API_VERSIONS,
                API_VERSIONS_VERSION);
    }

    private static ByteBuffer metadata() {
        return request(
                new MetadataRequest.Builder(List.of(), false).build(METADATA_VERSION),
                ApiKeys.METADATA,
                METADATA_VERSION);
    }

    private static ByteBuffer request(AbstractRequest request, ApiKeys api, short version) {
        return request.serializeWithHeader(new RequestHeader(api, version, "zoetrope-probe", version));
    }

    /** Encrypts a connection that carries no data of the user, so the certificate of the listener is not checked. */
    private Socket encrypted(Socket plain) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new TrustAll()}, new SecureRandom());
            return context.getSocketFactory().createSocket(plain, address.getHostString(), address.getPort(), true);
        } catch (GeneralSecurityException e) {
            throw new IOException("no TLS in this Java runtime", e);
        }
    }

    private static final class TrustAll implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
