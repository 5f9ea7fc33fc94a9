package io.zoetrope.flink;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.flink.shaded.netty4.io.netty.buffer.Unpooled;
import org.apache.flink.shaded.netty4.io.netty.channel.ChannelDuplexHandler;
import org.apache.flink.shaded.netty4.io.netty.channel.ChannelFutureListener;
import org.apache.flink.shaded.netty4.io.netty.channel.ChannelHandlerContext;
import org.apache.flink.shaded.netty4.io.netty.channel.ChannelPromise;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.DefaultFullHttpResponse;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.FullHttpResponse;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpHeaderNames;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpHeaders;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpMethod;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpRequest;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpResponse;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpResponseStatus;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpVersion;
import org.apache.flink.shaded.netty4.io.netty.util.ReferenceCountUtil;

/**
 * Makes the REST API and the web UI of a local cluster read-only, and keeps pages of other origins out. Flink's own
 * settings do not suffice: with web.submit.enable=false {@code POST /jobs} still takes serialized job graphs, which run
 * code, and every response still invites other origins.
 *
 * <p>The handler refuses
 *
 * <ul>
 *   <li>every method but GET and HEAD, and the two paths that cancel a job by GET;
 *   <li>a Host header with a name that is not one of the given hosts. A page whose name an attacker's DNS server points
 *       to loopback (DNS rebinding) sends such a name; it cannot send an IP address;
 *   <li>an Origin header that does not match the Host header.
 * </ul>
 */
final class RestGuard extends ChannelDuplexHandler {
    /** An IPv4 address, or an IPv6 address in brackets, and a port or none. */
    private static final Pattern IP_ADDRESS = Pattern.compile("(\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-fA-F:.]+])(:\\d+)?");

    private static final Pattern PORT = Pattern.compile(":\\d+$");
    private static final Pattern CHANGING_PATH = Pattern.compile("(?i)yarn-(cancel|stop)");

    private final List<String> hosts;
    private boolean refused;

    /**
     * Creates the handler of one connection.
     *
     * @param hosts the host names that a Host header may contain, beside every IP address
     */
    RestGuard(List<String> hosts) {
        this.hosts = hosts;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof HttpRequest request) {
            Optional<String> reason = reason(request);
            refused = reason.isPresent();
            reason.ifPresent(text -> refuse(context, text));
        }
        if (refused) {
            ReferenceCountUtil.release(message); // the request, or a part of its body
        } else {
            context.fireChannelRead(message);
        }
    }

    /** Removes the header that lets other origins read responses, and adds those that keep them away. */
    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (message instanceof HttpResponse response) {
            response.headers()
                    .remove(HttpHeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN)
                    .set("X-Content-Type-Options", "nosniff")
                    .set("X-Frame-Options", "DENY")
                    .set("Cross-Origin-Resource-Policy", "same-origin");
        }
        var unused = context.write(message, promise);
    }

    private Optional<String> reason(HttpRequest request) {
        HttpHeaders headers = request.headers();
        List<String> given = headers.getAll(HttpHeaderNames.HOST);
        String host = given.size() == 1 ? given.get(0) : "";
        if (!IP_ADDRESS.matcher(host).matches()
                && !hosts.contains(PORT.matcher(host).replaceFirst(""))) {
            return Optional.of("the Host header names a host that this server does not have; open it by its address");
        }
        String origin = headers.get(HttpHeaderNames.ORIGIN);
        if (origin != null && !origin.equals("http://" + host)) {
            return Optional.of("requests from pages of other origins are refused");
        }
        boolean read =
                request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD);
        if (!read || CHANGING_PATH.matcher(request.uri()).find()) {
            return Optional.of("this API is read-only; to stop the job, stop its process");
        }
        return Optional.empty();
    }

    private static void refuse(ChannelHandlerContext context, String reason) {
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.FORBIDDEN,
                Unpooled.copiedBuffer(reason + "\n", StandardCharsets.UTF_8));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
                .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes())
                .set(HttpHeaderNames.CONNECTION, "close");
        var unused = context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    }
}
