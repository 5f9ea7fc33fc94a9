package io.zoetrope.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.zoetrope.outside.Listeners;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sends requests to a local cluster's REST API as they are on the wire; browsers do not send all of them. */
class RestGuardIT {
    private static LocalCluster cluster;
    private static URI rest;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        cluster = LocalCluster.start(1, folder, 0);
        rest = cluster.webUi();
        // Flink answers 503 until its dispatcher is elected.
        await().until(() -> send("GET /overview", rest.getAuthority()).startsWith("HTTP/1.1 200"));
    }

    @AfterAll
    static void stop() throws Exception {
        cluster.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "localhost", "[::1]", "192.168.1.7"})
    void readsUnderAnAddressAreAnsweredWithoutAnInvitationToOtherOrigins(String host) throws IOException {
        assertThat(send("GET /overview", host + ":" + rest.getPort()))
                .startsWith("HTTP/1.1 200")
                .contains("slots-total")
                .containsIgnoringCase("X-Frame-Options: DENY")
                .doesNotContainIgnoringCase("Access-Control-Allow-Origin");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /jobs",
                "POST /v1/jobs",
                "POST /jars/upload",
                "POST /jars/x/run",
                "PATCH /jobs/00000000000000000000000000000000",
                "POST /jobs/00000000000000000000000000000000/stop",
                "GET /jobs/00000000000000000000000000000000/yarn-cancel",
                "DELETE /cluster",
                "OPTIONS /overview",
                "PUT /jobs/00000000000000000000000000000000/resource-requirements"
            })
    void nothingIsChangedThroughTheApi(String request) throws IOException {
        assertThat(send(request, rest.getAuthority()))
                .startsWith("HTTP/1.1 403")
                .contains("this API is read-only; to stop the job, stop its process");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"rebound.example", "127.0.0.1.example", "localhost.example:8081", "127.0.0.1:8081@example", ""})
    void anotherHostNameIsRefused(String host) throws IOException {
        assertThat(send("GET /overview", host)).startsWith("HTTP/1.1 403").contains("the Host header names a host");
    }

    @Test
    void anotherOriginIsRefusedAndTheSameOriginIsNot() throws IOException {
        String host = rest.getAuthority();

        assertThat(send("GET /overview", host + "\r\nOrigin: http://elsewhere.example"))
                .startsWith("HTTP/1.1 403")
                .contains("requests from pages of other origins are refused");
        assertThat(send("GET /overview", host + "\r\nOrigin: null")).startsWith("HTTP/1.1 403");
        assertThat(send("GET /overview", host + "\r\nHost: rebound.example")).startsWith("HTTP/1.1 403");
        assertThat(send("GET /overview", host + "\r\nOrigin: http://" + host)).startsWith("HTTP/1.1 200");
    }

    @Test
    void aUiThatTheOperatorBindsElsewhereIsTheOnlyListenerOutside(@TempDir Path folder) throws Exception {
        List<String> before = Listeners.of(ProcessHandle.current());
        try (LocalCluster open = LocalCluster.start(1, folder, "0.0.0.0", 0)) {
            List<String> added = new ArrayList<>(Listeners.of(ProcessHandle.current()));
            added.removeAll(before);

            assertThat(Listeners.outside(added))
                    .singleElement()
                    .asString()
                    .endsWith(":" + open.webUi().getPort());
        }
    }

    private static String send(String request, String host) throws IOException {
        try (Socket socket = new Socket(rest.getHost(), rest.getPort())) {
            String text = request + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
