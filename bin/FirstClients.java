/**
 * Some clients in a row, for the training run of the start-up cache (bin/.build): each opens a session on 127.0.0.1, at the port given,
 * and uses what most clients use. Only the lengths of the replies are looked at.
 */
void main(String[] args) throws IOException {
    int port = Integer.parseInt(args[0]);
    for (String word : List.of("ruok", "srvr", "mntr")) {
        try (Socket socket = connect(port)) {
            socket.getOutputStream().write(word.getBytes(StandardCharsets.US_ASCII));
            socket.getInputStream().readAllBytes();
        }
    }
    for (int i = 0; i < 20; i++) {
        try (Socket socket = connect(port)) {
            new Session(socket).use("/first" + i);
        }
    }
}

Socket connect(int port) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(5_000);
    return socket;
}

/** One connection, speaking frames as they are: a length, then a request's header and its record. */
class Session {
    private final DataInputStream in;
    private final DataOutputStream out;
    private int xid;

    Session(Socket socket) throws IOException {
        in = new DataInputStream(socket.getInputStream());
        out = new DataOutputStream(socket.getOutputStream());
    }

    void use(String path) throws IOException {
        send(f -> { f.writeInt(0); f.writeLong(0); f.writeInt(10_000); f.writeLong(0); f.writeInt(16); f.write(new byte[17]); });
        receive();
        request(3, f -> { text(f, path); f.writeBoolean(true); });
        request(1, f -> { text(f, path); data(f); openAcl(f); f.writeInt(0); });
        request(1, f -> { text(f, path + "/e-"); data(f); openAcl(f); f.writeInt(3); });
        request(4, f -> { text(f, path); f.writeBoolean(true); });
        request(5, f -> { text(f, path); data(f); f.writeInt(-1); });
        request(12, f -> { text(f, path); f.writeBoolean(false); });
        request(8, f -> { text(f, path); f.writeBoolean(true); });
        request(6, f -> text(f, path));
        request(14, f -> {
            f.writeInt(13); f.writeBoolean(false); f.writeInt(-1); text(f, path); f.writeInt(-1);
            f.writeInt(-1); f.writeBoolean(true); f.writeInt(-1);
        });
        request(9, f -> text(f, path));
        request(11, f -> {});
        request(2, f -> { text(f, path + "/none"); f.writeInt(-1); });
        request(-11, f -> {});
    }

    private void request(int op, Fields fields) throws IOException {
        int sent = op == 11 ? -2 : ++xid;
        send(f -> { f.writeInt(sent); f.writeInt(op); fields.write(f); });
        while (receive() == -1) {} // events come first
    }

    private void send(Fields fields) throws IOException {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        fields.write(new DataOutputStream(frame));
        out.writeInt(frame.size());
        frame.writeTo(out);
    }

    /** Reads a frame; its first int is the xid. */
    private int receive() throws IOException {
        byte[] frame = in.readNBytes(in.readInt());
        return ByteBuffer.wrap(frame).getInt();
    }

    private static void text(DataOutputStream f, String text) throws IOException {
        f.writeInt(text.length());
        f.writeBytes(text);
    }

    private static void data(DataOutputStream f) throws IOException {
        text(f, "data");
    }

    private static void openAcl(DataOutputStream f) throws IOException {
        f.writeInt(1);
        f.writeInt(31);
        text(f, "world");
        text(f, "anyone");
    }

    interface Fields {
        void write(DataOutputStream frame) throws IOException;
    }
}
