package io.loomkeeper.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A client with the powers of super that brings a server's tree back to what a fresh one has. */
final class Janitor {
    /** What a server must be started with, so that {@code super:admin} is the super user. */
    static final String SUPER_DIGEST = "super:xQJmxLMiHGwaqBvst5y6rkB6HQs=";

    private static final List<String> RESERVED =
            List.of("/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config");

    private final Session session;

    Janitor(int port) {
        this.session = new Session(port);
    }

    void wipe() {
        session.open(300_000, true);
        FrameOut auth = new FrameOut().int4(-4).int4(Op.AUTH).int4(0).text("digest");
        call(auth.buffer("super:admin".getBytes(UTF_8)));
        removeBelow("/");
        for (String path : RESERVED) {
            call(request(5).text(path).buffer(new byte[0]).int4(-1));
            int perms = path.endsWith("config") ? 1 : 31;
            FrameOut acl = request(7).text(path).int4(1).int4(perms);
            call(acl.text("world").text("anyone").int4(-1));
        }
        call(request(Op.CLOSE_SESSION));
        session.close();
    }

    private void removeBelow(String path) {
        for (String name : children(path)) {
            String child = path.equals("/") ? "/" + name : path + "/" + name;
            removeBelow(child);
            if (!RESERVED.contains(child)) {
                call(request(2).text(child).int4(-1));
            }
        }
    }

    private List<String> children(String path) {
        ByteBuffer reply = call(request(8).text(path).bool(false));
        List<String> names = new ArrayList<>();
        if (reply.remaining() > 16) {
            reply.position(16);
            for (int left = reply.getInt(); left > 0; left--) {
                byte[] name = new byte[reply.getInt()];
                reply.get(name);
                names.add(new String(name, UTF_8));
            }
        }
        return names;
    }

    private static FrameOut request(int type) {
        return new FrameOut().int4(1).int4(type);
    }

    private ByteBuffer call(FrameOut request) {
        session.connection().send(List.of(request.bytes()));
        byte[] reply = session.take();
        if (reply.length == 0) {
            throw new IllegalStateException("the server closed the janitor's connection");
        }
        return ByteBuffer.wrap(reply);
    }
}
