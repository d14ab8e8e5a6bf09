package io.loomkeeper.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.loomkeeper.conformance.Reading.Kind;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Turns frames from a server into {@link Reading}s, to the last byte. The one liberty: names of
 * children and of ephemerals are sorted, and so are a connection's identities, since the protocol
 * gives them no order (protocol 3.3).
 */
final class ReplyReader {
    private static final long SECRET_MARK = 1L << 55;

    private static final int ERROR_TYPE = -1;
    private static final Set<Integer> CREATES = Set.of(1, 15, 19, 21);

    private ReplyReader() {}

    /** Reads the reply to {@code op}. */
    static Reading reply(Op op, byte[] frame) {
        return read(
                frame,
                (in, reading) -> {
                    Kind kind = op.isWrite() ? Kind.ZXID : Kind.SEEN;
                    reading.say("xid=").say(in.int4()).zxid(kind, "zxid", in.long8());
                    int err = in.int4();
                    reading.say(" err=").say(err);
                    if (err == 0) {
                        body(op.type(), in, reading);
                    }
                });
    }

    /** Reads a watch event. */
    static Reading notification(byte[] frame) {
        return read(
                frame,
                (in, reading) -> {
                    reading.say("event xid=").say(in.int4()).zxid("zxid", in.long8());
                    reading.say(" err=").say(in.int4()).say(" type=").say(in.int4());
                    reading.say(" state=").say(in.int4()).say(" path=").say(in.quoted());
                });
    }

    /**
     * Reads a ConnectResponse; its password must be the one that follows from its id (protocol
     * 2.5), but not when the id says that it needs a secret (docs/divergence.md).
     */
    static Reading connectResponse(byte[] frame) {
        return read(
                frame,
                (in, reading) -> {
                    reading.say("connected protocol=").say(in.int4());
                    reading.say(" timeout=").say(in.int4());
                    long id = in.long8();
                    reading.session("session", id).say(" server=").say(id >>> 56);
                    boolean isDerived = in.quoted().equals(password(id));
                    boolean isSecret = (id & SECRET_MARK) != 0;
                    reading.say(isDerived == isSecret ? " other password" : " password");
                });
    }

    private static String password(long id) {
        byte[] password = new byte[16];
        if (id != 0) {
            new Random(id ^ 0xB3415C00L).nextBytes(password);
        }
        return new FrameIn(new FrameOut().buffer(password).bytes()).quoted();
    }

    /** Applies a reader to a whole frame; what is missing or left over shows in the text. */
    private static Reading read(byte[] frame, BiConsumer<FrameIn, Reading> reader) {
        if (frame.length == 0) {
            return new Reading().say("closed");
        }
        FrameIn in = new FrameIn(frame);
        Reading reading = new Reading();
        try {
            reader.accept(in, reading);
        } catch (BufferUnderflowException _) {
            reading.say(" cut short");
        }
        return in.isAtEnd() ? reading : reading.say(" then bytes ").say(in.rest());
    }

    private static void body(int type, FrameIn in, Reading reading) {
        switch (type) {
            case 1, 9 -> reading.say(" path=").say(in.quoted());
            case 3, 5, 7 -> stat(in, reading);
            case 4 -> {
                reading.say(" data=").say(in.quoted());
                stat(in, reading);
            }
            case 6 -> {
                acl(in, reading);
                stat(in, reading);
            }
            case 8, 103 -> names(in, reading);
            case 12 -> {
                names(in, reading);
                stat(in, reading);
            }
            case 15, 19, 21 -> {
                reading.say(" path=").say(in.quoted());
                stat(in, reading);
            }
            case Op.MULTI, Op.MULTI_READ -> results(in, reading);
            case 16 -> {
                reading.say(" config=").say(in.quoted());
                stat(in, reading);
            }
            case 104 -> reading.say(" total=").say(in.int4());
            case 106 -> reading.say(" err=").say(in.int4());
            case 107 -> users(in, reading);
            default -> {
                // nothing but a header, or something that rest() will show
            }
        }
    }

    private static void stat(FrameIn in, Reading reading) {
        long czxid = in.long8();
        long mzxid = in.long8();
        reading.zxid("czxid", czxid).zxid("mzxid", mzxid);
        reading.time("ctime", in.long8(), czxid).time("mtime", in.long8(), mzxid);
        reading.say(" version=").say(in.int4()).say(" cversion=").say(in.int4());
        reading.say(" aversion=").say(in.int4());
        reading.session("owner", in.long8());
        reading.say(" length=").say(in.int4()).say(" children=").say(in.int4());
        reading.zxid("pzxid", in.long8());
    }

    /** Neighbours with the same rights and scheme are sorted: {@code auth} may have stood there. */
    private static void acl(FrameIn in, Reading reading) {
        int count = in.count();
        reading.say(" acl=").say(count);
        String last = "";
        List<String> run = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String rights = " " + in.int4() + ":" + in.quoted() + ":";
            if (!rights.equals(last)) {
                sayAll(last, run, reading);
            }
            last = rights;
            run.add(in.quoted());
        }
        sayAll(last, run, reading);
    }

    private static void sayAll(String rights, List<String> ids, Reading reading) {
        Collections.sort(ids);
        ids.forEach(id -> reading.say(rights).say(id));
        ids.clear();
    }

    private static void names(FrameIn in, Reading reading) {
        int count = in.count();
        List<String> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            names.add(in.quoted());
        }
        Collections.sort(names);
        reading.say(" names=").say(count).say(names);
    }

    private static void users(FrameIn in, Reading reading) {
        int count = in.count();
        List<String> users = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            users.add(in.quoted() + ":" + in.quoted());
        }
        Collections.sort(users);
        reading.say(" users=").say(count).say(users);
    }

    /** Results of a multi (protocol 5): each a header and a body, up to the terminator. */
    private static void results(FrameIn in, Reading reading) {
        while (true) {
            int type = in.int4();
            byte done = in.byte1();
            reading.say(" [").say(type).say(" ").say(done).say(" ").say(in.int4());
            if (done != 0) {
                reading.say("]");
                return;
            }
            if (type == ERROR_TYPE) {
                reading.say(" code=").say(in.int4());
            } else {
                body(type, in, reading);
            }
            reading.say("]");
        }
    }

    /** The path that the reply to a create names, if it is one and went well. */
    static Optional<String> createdPath(Op op, byte[] frame) {
        boolean isCreate = CREATES.contains(op.type()) && frame.length > 20;
        if (!isCreate || ByteBuffer.wrap(frame).getInt(12) != 0) {
            return Optional.empty();
        }
        int length = ByteBuffer.wrap(frame).getInt(16);
        return Optional.of(new String(frame, 20, length, UTF_8));
    }
}
