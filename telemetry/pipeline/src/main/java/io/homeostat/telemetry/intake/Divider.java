package io.homeostat.telemetry.intake;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.homeostat.telemetry.handoff.Piece;
import java.util.ArrayList;
import java.util.List;

/**
 * Divides an export request into Kafka messages of a bounded size, each again a whole export request: first by resource,
 * a resource that is too large by scope and record. A single record that is too large is rejected.
 */
final class Divider {
    /** Tags and lengths around the nested messages of one record. */
    private static final int FRAMING_BYTES = 64;

    private final OtlpSignal signal;
    private final int maxBytes;
    private final FieldDescriptor resourcesField;
    private final List<Piece> pieces = new ArrayList<>();
    private Message.Builder open;
    private int openBytes;
    private long openPoints;
    private long rejected;

    private Divider(OtlpSignal signal, int maxBytes) {
        this.signal = signal;
        this.maxBytes = maxBytes;
        this.resourcesField = signal.request().getDescriptorForType().findFieldByNumber(OtlpSignal.RESOURCES);
        this.open = signal.request().newBuilderForType();
    }

    /** What is to be sent, and how many points were too large for any message. */
    record Division(List<Piece> pieces, long points, long rejected) {}

    static Division divide(OtlpSignal signal, List<Message> resources, int maxBytes) {
        Divider divider = new Divider(signal, maxBytes);
        for (Message resource : resources) {
            divider.add(resource);
        }
        divider.flush();
        long points = divider.pieces.stream().mapToLong(Piece::points).sum();
        return new Division(List.copyOf(divider.pieces), points, divider.rejected);
    }

    private void add(Message resource) {
        if (resource.getSerializedSize() + FRAMING_BYTES <= maxBytes) {
            put(resource, pointsOfResource(resource));
            return;
        }
        FieldDescriptor scopesField = resource.getDescriptorForType().findFieldByNumber(OtlpSignal.SCOPES);
        Message head = resource.toBuilder().clearField(scopesField).build();
        for (Message scope : children(resource, scopesField)) {
            addScope(head, scopesField, scope);
        }
    }

    private void addScope(Message head, FieldDescriptor scopesField, Message scope) {
        FieldDescriptor recordsField = scope.getDescriptorForType().findFieldByNumber(OtlpSignal.RECORDS);
        Message scopeHead = scope.toBuilder().clearField(recordsField).build();
        int room = maxBytes - head.getSerializedSize() - scopeHead.getSerializedSize() - FRAMING_BYTES;
        List<Message> batch = new ArrayList<>();
        int batchBytes = 0;
        for (Message child : children(scope, recordsField)) {
            int bytes = child.getSerializedSize() + FRAMING_BYTES;
            if (bytes > room) {
                rejected += signal.pointsOf(child);
                continue;
            }
            if (batchBytes + bytes > room) {
                putBatch(head, scopesField, scopeHead, recordsField, batch);
                batch.clear();
                batchBytes = 0;
            }
            batch.add(child);
            batchBytes += bytes;
        }
        putBatch(head, scopesField, scopeHead, recordsField, batch);
    }

    private void putBatch(
            Message head,
            FieldDescriptor scopesField,
            Message scopeHead,
            FieldDescriptor recordsField,
            List<Message> batch) {
        if (batch.isEmpty()) {
            return;
        }
        Message scope =
                scopeHead.toBuilder().setField(recordsField, List.copyOf(batch)).build();
        long points = batch.stream().mapToLong(signal::pointsOf).sum();
        put(head.toBuilder().addRepeatedField(scopesField, scope).build(), points);
    }

    private void put(Message resource, long points) {
        int bytes = resource.getSerializedSize() + FRAMING_BYTES;
        if (openBytes + bytes > maxBytes) {
            flush();
        }
        open.addRepeatedField(resourcesField, resource);
        openBytes += bytes;
        openPoints += points;
    }

    private void flush() {
        if (openPoints > 0) {
            pieces.add(new Piece(open.build().toByteArray(), openPoints));
        }
        open = signal.request().newBuilderForType();
        openBytes = 0;
        openPoints = 0;
    }

    private long pointsOfResource(Message resource) {
        FieldDescriptor scopesField = resource.getDescriptorForType().findFieldByNumber(OtlpSignal.SCOPES);
        long points = 0;
        for (Message scope : children(resource, scopesField)) {
            FieldDescriptor recordsField = scope.getDescriptorForType().findFieldByNumber(OtlpSignal.RECORDS);
            for (Message child : children(scope, recordsField)) {
                points += signal.pointsOf(child);
            }
        }
        return points;
    }

    @SuppressWarnings("unchecked") // a repeated message field is a list of messages
    static List<Message> children(Message parent, FieldDescriptor field) {
        return (List<Message>) parent.getField(field);
    }
}
