package io.homeostat.detector.evidence;

import io.homeostat.events.codec.EventCodec;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;

/** Which code decides: the version of the detector's jar and the start of its SHA-256. */
public final class CodeVersion {
    private static final String TEXT = find();

    private CodeVersion() {}

    /** For example {@code 0.1.0+3f2a9c0d1b7e}; {@code unpacked} when classes do not come from a jar. */
    public static String text() {
        return TEXT;
    }

    private static String find() {
        CodeSource source = CodeVersion.class.getProtectionDomain().getCodeSource();
        try {
            Path file =
                    source == null ? Path.of("") : Path.of(source.getLocation().toURI());
            if (!Files.isRegularFile(file)) {
                return "unpacked";
            }
            String version = CodeVersion.class.getPackage().getImplementationVersion();
            return (version == null ? "jar" : version) + "+"
                    + EventCodec.sha256Hex(Files.readAllBytes(file)).substring(0, 12);
        } catch (IOException | URISyntaxException | IllegalArgumentException | FileSystemNotFoundException e) {
            // On a Flink cluster the jar may come from anywhere: the verdict counts more than the name of its code.
            return "unknown";
        }
    }
}
