package io.homeostat.detector.flat;

import org.apache.flink.api.common.serialization.SerializerConfig;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;

/** A type with a {@link Form}, in Flink's words. Immutable, thread-safe. */
final class FlatType<T> extends TypeInformation<T> {
    private static final long serialVersionUID = 1L;

    private final Form<T> form;

    FlatType(Form<T> form) {
        this.form = form;
    }

    @Override
    public boolean isBasicType() {
        return false;
    }

    @Override
    public boolean isTupleType() {
        return false;
    }

    @Override
    public int getArity() {
        return 1;
    }

    @Override
    public int getTotalFields() {
        return 1;
    }

    @Override
    public Class<T> getTypeClass() {
        return form.type();
    }

    @Override
    public boolean isKeyType() {
        return false;
    }

    @Override
    public TypeSerializer<T> createSerializer(SerializerConfig config) {
        return new FlatSerializer<>(form);
    }

    @Override
    public String toString() {
        return "flat " + form.type().getSimpleName();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FlatType<?> type && type.form.equals(form);
    }

    @Override
    public int hashCode() {
        return form.hashCode();
    }

    @Override
    public boolean canEqual(Object other) {
        return other instanceof FlatType;
    }
}
