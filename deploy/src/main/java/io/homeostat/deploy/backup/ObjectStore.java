package io.homeostat.deploy.backup;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.OptionalLong;

/** Named objects that are written whole or not at all. Names have slashes. Used by one thread. */
public interface ObjectStore extends AutoCloseable {
    /** Bytes of the object; empty when there is none. */
    OptionalLong size(String name) throws IOException;

    /** Puts the object in the place of one of that name, in one step. */
    void put(String name, byte[] bytes) throws IOException;

    void put(String name, Path file) throws IOException;

    /** @throws java.nio.file.NoSuchFileException when there is none, with the object's name */
    InputStream get(String name) throws IOException;

    /** For people: where it is, without secrets. */
    String place();

    @Override
    default void close() {}
}
