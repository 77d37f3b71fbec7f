package io.homeostat.agent.control;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.homeostat.events.ActionOrder;
import java.io.IOException;
import java.util.stream.Collectors;

/**
 * Reads an {@link ActionOrder} strictly: unknown, doubled or missing fields are errors, because an order that is
 * misunderstood acts on a bank's node.
 */
final class OrderReader {
    private static final ObjectReader READER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .build()
            .readerFor(ActionOrder.class);

    private OrderReader() {}

    /** @throws Malformed naming the field */
    static ActionOrder read(byte[] json) throws Malformed {
        try {
            ActionOrder order = READER.readValue(json);
            if (order == null) {
                throw new Malformed("body", "expected an action order as JSON object");
            }
            return order;
        } catch (JsonMappingException e) {
            String field = e.getPath().stream()
                    .map(r -> r.getFieldName() == null ? "[" + r.getIndex() + "]" : r.getFieldName())
                    .collect(Collectors.joining("."));
            throw new Malformed(field.isEmpty() ? "body" : field, e.getOriginalMessage());
        } catch (JsonProcessingException e) {
            throw new Malformed("body", "expected JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new IllegalStateException("reading from memory does not fail otherwise", e);
        }
    }

    /** Carries the problem; has no stack trace. */
    static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        private final String field;

        Malformed(String field, String detail) {
            super(detail, null, false, false);
            this.field = field;
        }

        Problem problem() {
            return Problem.invalid(field, String.valueOf(getMessage()));
        }
    }
}
