package io.zoetrope.flink;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.io.network.netty.InboundChannelHandlerFactory;
import org.apache.flink.shaded.netty4.io.netty.channel.ChannelHandler;
import org.apache.flink.shaded.netty4.io.netty.channel.ChannelHandlerContext;
import org.apache.flink.shaded.netty4.io.netty.channel.ChannelInboundHandlerAdapter;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpServerCodec;

/**
 * Adds a {@link RestGuard} to each connection of a local cluster's REST server. Flink finds this class as a service. A
 * cluster that has this jar on its class path but is not a {@link LocalCluster} gets none: it is its operator's to
 * secure, and {@code flink run} needs its REST API.
 */
public final class RestGuards implements InboundChannelHandlerFactory {
    /** The host names by which clients may address the server. Without the setting there is no guard. */
    static final ConfigOption<List<String>> HOSTS =
            ConfigOptions.key("zoetrope.rest-guard.hosts").stringType().asList().noDefaultValue();

    @Override
    public int priority() {
        return 0;
    }

    @Override
    public Optional<ChannelHandler> createHandler(Configuration configuration, Map<String, String> responseHeaders) {
        return configuration.getOptional(HOSTS).map(Installer::new);
    }

    /**
     * Puts the guard right behind the HTTP codec. Flink adds the handlers of a service behind the handler that writes
     * uploads to disk; there a refused upload would already be on the disk.
     */
    private static final class Installer extends ChannelInboundHandlerAdapter {
        private final List<String> hosts;

        Installer(List<String> hosts) {
            this.hosts = hosts;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            String codec = context.pipeline().context(HttpServerCodec.class).name();
            context.pipeline().addAfter(codec, "zoetrope-rest-guard", new RestGuard(hosts));
            context.pipeline().remove(this);
        }
    }
}
