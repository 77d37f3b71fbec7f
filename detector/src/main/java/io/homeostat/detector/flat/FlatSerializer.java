package io.homeostat.detector.flat;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSchemaCompatibility;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.jspecify.annotations.Nullable;

/** Flink's serializer of a {@link Form}; public because checkpoints name its snapshot. Stateless, thread-safe. */
public final class FlatSerializer<T> extends TypeSerializer<T> {
    private static final long serialVersionUID = 1L;

    private final Form<T> form;

    FlatSerializer(Form<T> form) {
        this.form = form;
    }

    @Override
    public boolean isImmutableType() {
        // Forms copy what can change; asking them costs nothing where they need not.
        return false;
    }

    @Override
    public TypeSerializer<T> duplicate() {
        return this;
    }

    @Override
    public @Nullable T createInstance() {
        // Nothing is filled in place.
        return null;
    }

    @Override
    public T copy(T from) {
        return form.copy(from);
    }

    @Override
    public T copy(T from, T reuse) {
        return form.copy(from);
    }

    @Override
    public int getLength() {
        return -1;
    }

    @Override
    public void serialize(T value, DataOutputView target) throws IOException {
        form.write(value, target);
    }

    @Override
    public T deserialize(DataInputView source) throws IOException {
        return form.read(source);
    }

    @Override
    public T deserialize(T reuse, DataInputView source) throws IOException {
        return form.read(source);
    }

    @Override
    public void copy(DataInputView source, DataOutputView target) throws IOException {
        form.write(form.read(source), target);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FlatSerializer<?> serializer && serializer.form.equals(form);
    }

    @Override
    public int hashCode() {
        return form.hashCode();
    }

    @Override
    public TypeSerializerSnapshot<T> snapshotConfiguration() {
        return new Snapshot<>(form);
    }

    /** The form's class by name: what a checkpoint knows of the layout. Public, with the constructor that Flink calls. */
    public static final class Snapshot<T> implements TypeSerializerSnapshot<T> {
        private static final int VERSION = 1;

        private @Nullable Form<T> form;

        public Snapshot() {}

        Snapshot(Form<T> form) {
            this.form = form;
        }

        @Override
        public int getCurrentVersion() {
            return VERSION;
        }

        @Override
        public void writeSnapshot(DataOutputView out) throws IOException {
            out.writeUTF(known().getClass().getName());
        }

        @Override
        @SuppressWarnings("unchecked") // the form of a state's serializer is a form of the state's type
        public void readSnapshot(int version, DataInputView in, ClassLoader classes) throws IOException {
            String name = in.readUTF();
            if (version != VERSION) {
                throw new IOException("expected a flat form of version " + VERSION + " but found " + version
                        + ": the checkpoint is of a newer detector");
            }
            try {
                form = (Form<T>) Class.forName(name, true, classes)
                        .asSubclass(Form.class)
                        .getConstructor()
                        .newInstance();
            } catch (ReflectiveOperationException | ClassCastException e) {
                throw new IOException("expected the checkpoint's form " + name + " in this version of the detector", e);
            }
        }

        @Override
        public TypeSerializer<T> restoreSerializer() {
            return new FlatSerializer<>(known());
        }

        @Override
        public TypeSerializerSchemaCompatibility<T> resolveSchemaCompatibility(TypeSerializerSnapshot<T> old) {
            return old instanceof Snapshot<T> before && before.known().equals(known())
                    ? TypeSerializerSchemaCompatibility.compatibleAsIs()
                    : TypeSerializerSchemaCompatibility.incompatible();
        }

        private Form<T> known() {
            Form<T> known = form;
            if (known == null) {
                throw new IllegalStateException("the snapshot has not been read");
            }
            return known;
        }
    }
}
