package io.homeostat.telemetry.intake;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.homeostat.telemetry.IntakeLimits;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import java.util.ArrayList;
import java.util.List;

/**
 * Bounds the attributes of a resource, which become keys and labels further on. What is left out is counted in
 * {@code dropped_attributes_count}, as the SDK's own limits do; a resource within the bounds is untouched.
 */
final class ResourceHygiene {
    private final IntakeLimits limits;

    ResourceHygiene(IntakeLimits limits) {
        this.limits = limits;
    }

    /** The same {@code Resource*} message, or one with a bounded resource. */
    Message bounded(Message resourceRecords) {
        FieldDescriptor field = resourceRecords.getDescriptorForType().findFieldByNumber(OtlpSignal.RESOURCE);
        Resource resource = (Resource) resourceRecords.getField(field);
        Resource kept = bounded(resource);
        return kept == resource
                ? resourceRecords
                : resourceRecords.toBuilder().setField(field, kept).build();
    }

    private Resource bounded(Resource resource) {
        List<KeyValue> kept = new ArrayList<>();
        boolean changed = false;
        for (KeyValue attribute : resource.getAttributesList()) {
            KeyValue one =
                    kept.size() < limits.resourceAttributes() ? bounded(attribute) : KeyValue.getDefaultInstance();
            changed |= one != attribute;
            if (!one.getKey().isEmpty()) {
                kept.add(one);
            }
        }
        if (!changed) {
            return resource;
        }
        int dropped = resource.getAttributesCount() - kept.size();
        return resource.toBuilder()
                .clearAttributes()
                .addAllAttributes(kept)
                .setDroppedAttributesCount(resource.getDroppedAttributesCount() + dropped)
                .build();
    }

    /** The attribute itself, a cut one, or the default instance when it is to be left out. */
    private KeyValue bounded(KeyValue attribute) {
        ByteString key = attribute.getKeyBytes();
        if (key.isEmpty() || key.size() > limits.attributeKeyBytes()) {
            return KeyValue.getDefaultInstance();
        }
        AnyValue value = attribute.getValue();
        if (value.getSerializedSize() <= limits.attributeValueBytes()) {
            return attribute;
        }
        if (!value.hasStringValue()) {
            return KeyValue.getDefaultInstance();
        }
        return attribute.toBuilder()
                .setValue(AnyValue.newBuilder().setStringValue(cut(value.getStringValue())))
                .build();
    }

    /** Cuts by UTF-8 length, never inside a character. */
    private String cut(String text) {
        int bytes = 0;
        int end = 0;
        while (end < text.length()) {
            int codePoint = text.codePointAt(end);
            bytes += codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
            if (bytes > limits.attributeValueBytes()) {
                break;
            }
            end += Character.charCount(codePoint);
        }
        return text.substring(0, end);
    }
}
