package io.loomkeeper.admin;

import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerResponse;

/** Answers what a supervisor asks: is it alive, may it be sent clients? */
record HealthRoutes(AdminServer.Health health) {
    void addTo(HttpRouting.Builder routing) {
        routing.get("/health/live", (_, response) -> answer(response, health.isLive()));
        routing.get("/health/ready", (_, response) -> answer(response, health.isReady()));
    }

    private void answer(ServerResponse response, boolean isWell) {
        response.status(isWell ? Status.OK_200 : Status.SERVICE_UNAVAILABLE_503);
        Fields fields = new Fields().put("status", isWell ? "UP" : "DOWN");
        Answering.send(response, fields.put("detail", health.text()));
    }
}
