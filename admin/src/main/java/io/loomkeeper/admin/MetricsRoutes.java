package io.loomkeeper.admin;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.HttpRouting;

/** Answers whoever scrapes metrics. */
record MetricsRoutes(Metrics metrics) {
    void addTo(HttpRouting.Builder routing) {
        routing.get(
                "/metrics",
                (_, response) -> {
                    PrometheusText text = new PrometheusText();
                    metrics.collect(text);
                    response.header(HeaderNames.CONTENT_TYPE, PrometheusText.CONTENT_TYPE);
                    response.send(text.bytes());
                });
    }
}
