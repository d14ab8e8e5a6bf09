package io.loomkeeper.admin;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.loomkeeper.admin.Command.Method;
import io.loomkeeper.admin.Command.Needs;
import io.loomkeeper.admin.Command.Reply;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.security.Principal;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The commands, where Apache's admin server has them and with its answers: what is not there, or
 * cannot be done now, is an error text in a 200; whoever may not is told by the status.
 */
final class CommandRoutes {
    private static final Logger LOG = LoggerFactory.getLogger(CommandRoutes.class);
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int METHOD_NOT_ALLOWED = 405;
    private static final int INTERNAL_ERROR = 500;

    private final String url;
    private final int idleMs;
    private final AdminServer.Ports ports;
    private final Map<String, Command> byName = new HashMap<>();

    /**
     * @param idleMs after this whoever does not take what is sent is cut off
     */
    CommandRoutes(String url, int idleMs, AdminServer.Ports ports) {
        this.url = url;
        this.idleMs = idleMs;
        this.ports = ports;
        for (Command command : ports.commands()) {
            command.names().forEach(name -> byName.put(name, command));
        }
    }

    void addTo(HttpRouting.Builder routing) {
        routing.get(url, (_, response) -> list(response));
        routing.get(url + "/", (_, response) -> list(response));
        routing.get(url + "/{name}", (request, response) -> run(Method.GET, request, response));
        routing.post(url + "/{name}", (request, response) -> run(Method.POST, request, response));
    }

    private void list(ServerResponse response) {
        StringBuilder page = new StringBuilder();
        new TreeMap<>(primary())
                .keySet()
                .forEach(
                        name ->
                                page.append("<a href=\"%s/%s\">%s</a>\n".formatted(url, name, name))
                                        .append("<br/>\n"));
        Answering.send(response, "text/html;charset=utf-8", page.toString());
    }

    private Map<String, Command> primary() {
        Map<String, Command> commands = new HashMap<>();
        ports.commands().forEach(command -> commands.put(command.primaryName(), command));
        return commands;
    }

    private void run(Method method, ServerRequest request, ServerResponse response) {
        String name = request.path().pathParameters().get("name");
        Command command = byName.get(name);
        if (command == null) {
            send(response, name, Reply.error("Unknown command: " + name));
        } else if (command.method() == method) {
            send(response, command.primaryName(), reply(command, request));
        } else {
            Reply refusal = Reply.refused(METHOD_NOT_ALLOWED, "Use " + command.method());
            send(response, command.primaryName(), refusal.with("Allow", command.method().name()));
        }
    }

    private Reply reply(Command command, ServerRequest request) {
        if (command.needs() != Needs.NOTHING && !ports.isServing().getAsBoolean()) {
            return Reply.error("This ZooKeeper instance is not currently serving requests");
        }
        Map<String, String> arguments = new HashMap<>();
        for (String argument : request.query().names()) {
            arguments.put(argument, request.query().first(argument).orElse(""));
        }
        try {
            Reply refusal = command.needs() == Needs.CREDENTIALS ? refusal(request) : null;
            return refusal == null
                    ? command.body().run(arguments, content(command, request))
                    : refusal;
        } catch (RuntimeException e) {
            LOG.warn("command {} failed", command.primaryName(), e);
            return Reply.refused(INTERNAL_ERROR, e.toString());
        }
    }

    private static InputStream content(Command command, ServerRequest request) {
        return command.method() == Method.POST
                ? request.content().inputStream()
                : InputStream.nullInputStream();
    }

    /** Null for whoever may. */
    private @Nullable Reply refusal(ServerRequest request) {
        String authorization = request.headers().first(HeaderNames.AUTHORIZATION).orElse(null);
        if (authorization == null) {
            return Reply.refused(UNAUTHORIZED, "Auth info is missing for the command");
        }
        InetSocketAddress peer = (InetSocketAddress) request.remotePeer().address();
        String subject = request.remotePeer().tlsPrincipal().map(Principal::getName).orElse(null);
        return switch (ports.guard().judge(asker(peer, subject, authorization))) {
            case ADMITTED -> null;
            case UNKNOWN -> Reply.refused(UNAUTHORIZED, "Not authenticated");
            case REFUSED -> Reply.refused(FORBIDDEN, "Not authorized");
        };
    }

    private static Guard.Asker asker(
            InetSocketAddress peer, @Nullable String subject, String authorization) {
        return new Guard.Asker(peer.getAddress(), subject, authorization);
    }

    private void send(ServerResponse response, String name, Reply reply) {
        response.status(Status.create(reply.status()));
        reply.headers().forEach(response::header);
        Command.Bulk bulk = reply.bulk();
        if (bulk == null) {
            Fields fields = reply.fields().put("command", name).put("error", reply.error());
            Answering.send(response, fields);
        } else {
            BulkSending.send(response, bulk, idleMs);
        }
    }
}
