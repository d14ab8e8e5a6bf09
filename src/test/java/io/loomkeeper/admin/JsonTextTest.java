package io.loomkeeper.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

final class JsonTextTest {
    @Test
    void objectHasALineForEachFieldAndArraysOne() {
        Fields fields =
                new Fields()
                        .put("a", 1)
                        .put("b", 0.5)
                        .put("c", true)
                        .put("d", (String) null)
                        .put("e", new Fields().put("f", "g"))
                        .put("h", List.of("i", 2L, new Fields().put("j", 3)));

        assertEquals(
                """
                {
                  "a" : 1,
                  "b" : 0.5,
                  "c" : true,
                  "d" : null,
                  "e" : {
                    "f" : "g"
                  },
                  "h" : [ "i", 2, {
                    "j" : 3
                  } ]
                }""",
                JsonText.of(fields));
    }

    @Test
    void nothingIsStillAnObjectOrAnArray() {
        assertEquals("{ }", JsonText.of(new Fields()));
        assertEquals(
                "{\n  \"a\" : [ ],\n  \"b\" : { }\n}",
                JsonText.of(new Fields().put("a", List.of()).put("b", new Fields())));
    }

    @Test
    void whatWouldEndAStringIsEscaped() {
        assertEquals(
                "{\n  \"\\\"\" : \"\\\\ \\n \\r \\t \\u0001 \\ud800 é\"\n}",
                JsonText.of(new Fields().put("\"", "\\ \n \r \t \u0001 \ud800 é")));
    }

    @Test
    void whatIsNoNumberIsAString() {
        assertEquals("{\n  \"a\" : \"NaN\"\n}", JsonText.of(new Fields().put("a", Double.NaN)));
    }
}
