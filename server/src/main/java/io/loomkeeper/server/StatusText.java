package io.loomkeeper.server;

import io.loomkeeper.server.ServerView.Connection;
import java.nio.file.Path;

/** The answers to srvr, stat, cons, conf and dirs: the server and its connections (protocol 21). */
record StatusText(Config config, ServerMetrics metrics, ServerView view, String version) {
    String srvr() {
        StringBuilder text = new StringBuilder();
        appendVersion(text);
        appendServer(text);
        return text.toString();
    }

    String stat() {
        StringBuilder text = new StringBuilder();
        appendVersion(text);
        text.append("Clients:\n");
        view.eachConnection(
                connection -> {
                    appendPackets(text, connection);
                    text.append(")\n");
                });
        text.append('\n');
        appendServer(text);
        return text.toString();
    }

    private void appendVersion(StringBuilder text) {
        text.append("Zookeeper version: ").append(version).append('\n');
        if (view.mode().equals("read-only")) {
            text.append("READ-ONLY mode; serving only read-only clients\n");
        }
    }

    private void appendServer(StringBuilder text) {
        LatencyStats latency = metrics.requestLatency();
        text.append("Latency min/avg/max: ").append(latency.min());
        text.append('/').append(latency.average());
        text.append('/').append(latency.max()).append('\n');
        text.append("Received: ").append(metrics.packetsReceived()).append('\n');
        text.append("Sent: ").append(metrics.packetsSent()).append('\n');
        text.append("Connections: ").append(view.connectionCount()).append('\n');
        text.append("Outstanding: ").append(view.outstandingRequests()).append('\n');
        text.append("Zxid: 0x").append(Long.toHexString(view.lastZxid())).append('\n');
        text.append("Mode: ").append(view.mode()).append('\n');
        text.append("Node count: ").append(view.nodeCount()).append('\n');
        view.leadership().ifPresent(leadership -> appendSizes(text, leadership.sizes()));
    }

    private static void appendSizes(StringBuilder text, ProposalSizes.Seen sizes) {
        text.append("Proposal sizes last/min/max: ").append(sizes.last());
        text.append('/').append(sizes.min());
        text.append('/').append(sizes.max()).append('\n');
    }

    String cons() {
        StringBuilder text = new StringBuilder();
        view.eachConnection(
                connection -> {
                    appendPackets(text, connection);
                    if (connection.sessionId() != 0) {
                        appendSession(text, connection);
                    }
                    text.append(")\n");
                });
        return text.append('\n').toString();
    }

    private static void appendPackets(StringBuilder text, Connection connection) {
        text.append(' ').append(connection.remoteAddress());
        text.append('[').append(Integer.toHexString(connection.interestOps()));
        text.append("](queued=").append(connection.queued());
        text.append(",recved=").append(connection.packetsReceived());
        text.append(",sent=").append(connection.packetsSent());
    }

    private static void appendSession(StringBuilder text, Connection connection) {
        text.append(",sid=0x").append(Long.toHexString(connection.sessionId()));
        text.append(",lop=").append(operation(connection.lastOp()));
        text.append(",est=").append(connection.establishedMs());
        text.append(",to=").append(connection.sessionTimeoutMs());
        if (connection.lastCxid() >= 0) {
            text.append(",lcxid=0x").append(Long.toHexString(connection.lastCxid()));
        }
        text.append(",lzxid=0x").append(Long.toHexString(connection.lastZxid()));
        text.append(",lresp=").append(connection.lastResponseTimeMs());
        text.append(",llat=").append(connection.lastLatencyMs());
        text.append(",minlat=").append(connection.minLatencyMs());
        text.append(",avglat=").append(connection.avgLatencyMs());
        text.append(",maxlat=").append(connection.maxLatencyMs());
    }

    /** The short name of an opcode (protocol 3) after {@code lop=}. */
    static String operation(int op) {
        return switch (op) {
            case 1, 15, 19, 21 -> "CREA";
            case 2, 20 -> "DELE";
            case 3 -> "EXIS";
            case 4 -> "GETD";
            case 5 -> "SETD";
            case 6 -> "GETA";
            case 7 -> "SETA";
            case 8, 12 -> "GETC";
            case 9 -> "SYNC";
            case 11 -> "PING";
            case 13 -> "CHEC";
            case 14 -> "MULT";
            case 16 -> "RECO";
            case 17 -> "CHKW";
            case 18 -> "REMW";
            case 22 -> "MLTR";
            case 101 -> "SETW";
            case 103 -> "GETE";
            case 104 -> "GETACN";
            case 105 -> "STW2";
            case 106 -> "ADDW";
            case 107 -> "HOMI";
            case -10 -> "SESS";
            case -11 -> "CLOS";
            default -> "NA";
        };
    }

    String conf() {
        StringBuilder text = new StringBuilder();
        text.append("clientPort=").append(view.clientPort()).append('\n');
        text.append("secureClientPort=").append(view.secureClientPort()).append('\n');
        text.append("dataDir=").append(absolute(view.dataDir())).append('\n');
        text.append("dataDirSize=").append(view.dataDirSizeBytes()).append('\n');
        text.append("dataLogDir=").append(absolute(view.dataLogDir())).append('\n');
        text.append("dataLogSize=").append(view.logDirSizeBytes()).append('\n');
        text.append("tickTime=").append(config.tickTimeMs()).append('\n');
        Config.Client client = config.client();
        text.append("maxClientCnxns=").append(config.limits().maxClientCnxns()).append('\n');
        text.append("minSessionTimeout=").append(client.minSessionTimeoutMs()).append('\n');
        text.append("maxSessionTimeout=").append(client.maxSessionTimeoutMs()).append('\n');
        text.append("clientPortListenBacklog=").append(client.listenBacklog()).append('\n');
        text.append("serverId=").append(view.serverId()).append('\n');
        config.ensemble().ifPresent(ensemble -> appendEnsemble(text, ensemble));
        return text.toString();
    }

    private void appendEnsemble(StringBuilder text, EnsembleConfig ensemble) {
        ServerLine.Address address = ensemble.self().addresses().getFirst();
        text.append("initLimit=").append(ensemble.timing().initLimit()).append('\n');
        text.append("syncLimit=").append(ensemble.timing().syncLimit()).append('\n');
        text.append("electionAlg=3\n");
        text.append("electionPort=").append(address.electionPort()).append('\n');
        text.append("quorumPort=").append(address.quorumPort()).append('\n');
        text.append("peerType=").append(ensemble.isObserver() ? 1 : 0).append('\n');
        text.append("membership: \n").append(view.configuration()).append('\n');
    }

    private static Path absolute(Path path) {
        return path.toAbsolutePath();
    }

    String dirs() {
        return "datadir_size: %d\nlogdir_size: %d\n"
                .formatted(view.dataDirSizeBytes(), view.logDirSizeBytes());
    }
}
