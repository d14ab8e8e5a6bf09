package io.loomkeeper.admin;

import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.loomkeeper.admin.Command.Reply;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The commands, where Apache's admin server has them and with its answers: what is not there, or
 * cannot be done now, is an error text in a 200.
 */
final class CommandRoutes {
    private static final Logger LOG = LoggerFactory.getLogger(CommandRoutes.class);
    private static final int INTERNAL_ERROR = 500;

    private final String url;
    private final AdminServer.Ports ports;
    private final Map<String, Command> byName = new HashMap<>();

    CommandRoutes(String url, AdminServer.Ports ports) {
        this.url = url;
        this.ports = ports;
        for (Command command : ports.commands()) {
            command.names().forEach(name -> byName.put(name, command));
        }
    }

    void addTo(HttpRouting.Builder routing) {
        routing.get(url, (_, response) -> list(response));
        routing.get(url + "/", (_, response) -> list(response));
        routing.get(url + "/{name}", this::run);
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

    private void run(ServerRequest request, ServerResponse response) {
        String name = request.path().pathParameters().get("name");
        Command command = byName.get(name);
        Reply reply =
                command == null ? Reply.error("Unknown command: " + name) : reply(command, request);
        send(response, command == null ? name : command.primaryName(), reply);
    }

    private Reply reply(Command command, ServerRequest request) {
        if (command.needs() != Command.Needs.NOTHING && !ports.isServing().getAsBoolean()) {
            return Reply.error("This ZooKeeper instance is not currently serving requests");
        }
        Map<String, String> arguments = new HashMap<>();
        for (String argument : request.query().names()) {
            arguments.put(argument, request.query().first(argument).orElse(""));
        }
        try {
            return command.body().run(arguments);
        } catch (RuntimeException e) {
            LOG.warn("command {} failed", command.primaryName(), e);
            return new Reply(INTERNAL_ERROR, new Fields(), e.toString());
        }
    }

    private static void send(ServerResponse response, String name, Reply reply) {
        response.status(Status.create(reply.status()));
        Answering.send(response, reply.fields().put("command", name).put("error", reply.error()));
    }
}
