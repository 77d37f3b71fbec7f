package io.homeostat.detector.flat;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.io.Serializable;
import java.lang.reflect.Type;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInfoFactory;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * The layout of a type, named by the type itself: {@code @TypeInfo(ItsForm.class)}. Public, stateless and with a public
 * constructor without arguments: checkpoints name the class. Thread-safe.
 */
public abstract class Form<T> extends TypeInfoFactory<T> implements Serializable {
    private static final long serialVersionUID = 1L;

    /** The type that is laid out. */
    public abstract Class<T> type();

    public abstract void write(T value, DataOutput out) throws IOException;

    public abstract T read(DataInput in) throws IOException;

    /** A copy that shares nothing that can change; the value itself when it can not. */
    public abstract T copy(T value);

    @Override
    public final TypeInformation<T> createTypeInfo(Type type, Map<String, TypeInformation<?>> parameters) {
        return new FlatType<>(this);
    }

    @Override
    public final boolean equals(Object other) {
        return other != null && other.getClass() == getClass();
    }

    @Override
    public final int hashCode() {
        return getClass().hashCode();
    }
}
