package io.homeostat.detector;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/** Jars of the job: the module's own, and one of a next version with classes more. */
final class JobJar {
    private JobJar() {}

    /** The module's classes and these, in one jar at {@code target}. */
    static Path with(Path target, List<Class<?>> more) throws IOException {
        Path own = SessionCluster.ownCode();
        try (OutputStream file = Files.newOutputStream(target);
                JarOutputStream out = new JarOutputStream(file)) {
            if (Files.isDirectory(own)) {
                copyFolder(own, out);
            } else {
                copyJar(own, out);
            }
            for (Class<?> type : more) {
                String name = type.getName().replace('.', '/') + ".class";
                try (InputStream in = type.getClassLoader().getResourceAsStream(name)) {
                    out.putNextEntry(new ZipEntry(name));
                    java.util.Objects.requireNonNull(in, name).transferTo(out);
                }
            }
        }
        return target;
    }

    private static void copyFolder(Path folder, JarOutputStream out) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                out.putNextEntry(new ZipEntry(folder.relativize(file).toString()));
                Files.copy(file, out);
            }
        }
    }

    private static void copyJar(Path jar, JarOutputStream out) throws IOException {
        try (JarFile in = new JarFile(jar.toFile())) {
            for (var entry : java.util.Collections.list(in.entries())) {
                if (!entry.isDirectory()) {
                    out.putNextEntry(new ZipEntry(entry.getName()));
                    try (InputStream bytes = in.getInputStream(entry)) {
                        bytes.transferTo(out);
                    }
                }
            }
        }
    }
}
