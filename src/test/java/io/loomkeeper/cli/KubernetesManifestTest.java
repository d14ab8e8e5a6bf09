package io.loomkeeper.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.loomkeeper.conformance.ServerCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The manifest for Kubernetes, read with nothing let pass that Kubernetes has no field for. */
final class KubernetesManifestTest {
    private static final Path HOUSE = ServerCommand.house();

    private final ObjectMapper mapper =
            new ObjectMapper(new YAMLFactory())
                    .setAnnotationIntrospector(
                            new JacksonAnnotationIntrospector() {
                                @Override
                                public Boolean hasAnySetter(Annotated member) {
                                    return false; // its classes keep what they do not know
                                }
                            });

    private static String text() throws IOException {
        return Files.readString(HOUSE.resolve("dist/kubernetes/loomkeeper.yaml"));
    }

    private List<HasMetadata> read(String text) throws IOException {
        List<HasMetadata> all = new ArrayList<>();
        try (MappingIterator<JsonNode> documents =
                mapper.readerFor(JsonNode.class).readValues(text)) {
            while (documents.hasNext()) {
                JsonNode document = documents.next();
                all.add(mapper.treeToValue(document, kind(document.get("kind").asText())));
            }
        }
        return all;
    }

    private static Class<? extends HasMetadata> kind(String name) {
        return switch (name) {
            case "Service" -> Service.class;
            case "PodDisruptionBudget" -> PodDisruptionBudget.class;
            case "StatefulSet" -> StatefulSet.class;
            default -> throw new AssertionError("another kind: " + name);
        };
    }

    @Test
    void everyFieldIsOneOfKubernetes() throws IOException {
        List<String> kinds = read(text()).stream().map(HasMetadata::getKind).toList();

        assertEquals(List.of("Service", "Service", "PodDisruptionBudget", "StatefulSet"), kinds);
        String misspelt = text().replace("readinessProbe", "readynessProbe");
        assertThrows(UnrecognizedPropertyException.class, () -> read(misspelt));
    }

    @Test
    void podsAreThoseOfTheImageAndMayDoNothingElse() throws IOException {
        StatefulSet set = (StatefulSet) read(text()).getLast();
        PodSpec pod = set.getSpec().getTemplate().getSpec();
        Container server = pod.getContainers().getFirst();
        String image = Files.readString(HOUSE.resolve("dist/container/Dockerfile"));

        assertTrue(image.contains("USER " + pod.getSecurityContext().getRunAsUser() + ":"), image);
        assertTrue(pod.getSecurityContext().getRunAsNonRoot());
        assertTrue(server.getSecurityContext().getReadOnlyRootFilesystem());
        assertEquals(List.of("ALL"), server.getSecurityContext().getCapabilities().getDrop());
        for (String probe :
                List.of(
                        server.getStartupProbe().getExec().getCommand().getFirst(),
                        server.getLivenessProbe().getExec().getCommand().getFirst(),
                        server.getReadinessProbe().getExec().getCommand().getFirst())) {
            String program = probe.replace("/opt/loomkeeper/", "");
            assertTrue(Files.isExecutable(HOUSE.resolve(program)), probe);
        }
        assertEquals(
                set.getSpec().getSelector().getMatchLabels(),
                set.getSpec().getTemplate().getMetadata().getLabels());
    }
}
