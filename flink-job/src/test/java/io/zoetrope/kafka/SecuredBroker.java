package io.zoetrope.kafka;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.ResourcePattern;

/**
 * An in-process broker as operators secure theirs: its only listener for clients is TLS with SCRAM-SHA-512, and nothing
 * is allowed without an ACL.
 */
public final class SecuredBroker implements AutoCloseable {
    private static final String ADMIN = "admin";
    private static final String ADMIN_PASSWORD = "admin-password";
    private static final String STORE_PASSWORD = "store-password";
    private static final int ITERATIONS = 4096;

    private final EmbeddedBroker broker;
    private final Path certificate;

    private SecuredBroker(EmbeddedBroker broker, Path certificate) {
        this.broker = broker;
        this.certificate = certificate;
    }

    /** Starts a broker on a free port. */
    public static SecuredBroker start(Path folder) throws Exception {
        Files.createDirectories(folder);
        Path keys = folder.resolve("broker.p12");
        Path certificate = folder.resolve("broker.pem");
        keytool(
                "-genkeypair",
                "-alias",
                "broker",
                "-keyalg",
                "EC",
                "-dname",
                "CN=broker",
                "-validity",
                "2",
                "-ext",
                "SAN=ip:127.0.0.1,dns:localhost",
                "-keystore",
                keys.toString());
        keytool(
                "-exportcert",
                "-rfc",
                "-alias",
                "broker",
                "-keystore",
                keys.toString(),
                "-file",
                certificate.toString());
        EmbeddedBroker broker = EmbeddedBroker.start(
                folder.resolve("kafka"),
                EmbeddedBroker.ANY_PORT,
                Map.ofEntries(
                        Map.entry("listener.security.protocol.map", "BROKER:SASL_SSL,CONTROLLER:PLAINTEXT"),
                        Map.entry("sasl.enabled.mechanisms", "SCRAM-SHA-512"),
                        Map.entry("sasl.mechanism.inter.broker.protocol", "SCRAM-SHA-512"),
                        Map.entry("listener.name.broker.scram-sha-512.sasl.jaas.config", jaas(ADMIN, ADMIN_PASSWORD)),
                        Map.entry("ssl.keystore.location", keys.toString()),
                        Map.entry("ssl.keystore.type", "PKCS12"),
                        Map.entry("ssl.keystore.password", STORE_PASSWORD),
                        Map.entry("ssl.truststore.location", certificate.toString()),
                        Map.entry("ssl.truststore.type", "PEM"),
                        Map.entry("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"),
                        // Only the controller's listener has anonymous clients: the broker itself.
                        Map.entry("super.users", "User:" + ADMIN + ";User:ANONYMOUS")),
                List.of("SCRAM-SHA-512=[name=" + ADMIN + ",password=" + ADMIN_PASSWORD + "]"));
        return new SecuredBroker(broker, certificate);
    }

    public String bootstrapServers() {
        return broker.bootstrapServers();
    }

    /** Returns the settings of a user's clients, without the addresses. */
    public Map<String, String> client(String user, String password) {
        return Map.of(
                "security.protocol", "SASL_SSL",
                "sasl.mechanism", "SCRAM-SHA-512",
                "sasl.jaas.config", jaas(user, password),
                "ssl.truststore.location", certificate.toString(),
                "ssl.truststore.type", "PEM");
    }

    public static String jaas(String user, String password) {
        return "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"" + user + "\" password=\""
                + password + "\";";
    }

    /** Opens a client that may do everything. */
    public Admin admin() {
        Properties properties = new Properties();
        properties.putAll(client(ADMIN, ADMIN_PASSWORD));
        properties.setProperty("bootstrap.servers", bootstrapServers());
        return Admin.create(properties);
    }

    public void addUser(Admin admin, String user, String password) throws ExecutionException, InterruptedException {
        admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(
                        user, new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS), password)))
                .all()
                .get();
    }

    public static AclBinding allowed(String user, ResourcePattern resource, AclOperation operation) {
        return new AclBinding(
                resource, new AccessControlEntry("User:" + user, "*", operation, AclPermissionType.ALLOW));
    }

    @Override
    public void close() {
        broker.close();
    }

    private static void keytool(String... arguments) throws IOException, InterruptedException {
        List<String> line = new java.util.ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        line.addAll(List.of(arguments));
        line.addAll(List.of("-storetype", "PKCS12", "-storepass", STORE_PASSWORD));
        Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("keytool: " + output);
        }
    }
}
