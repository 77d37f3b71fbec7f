package io.homeostat.deploy.backup;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options of every command that opens a place where backups are. */
public final class StoreOptions {
    @Option(names = "--endpoint", paramLabel = "URL", description = "for s3://: a server that is not Amazon's")
    private Optional<URI> endpoint = Optional.empty();

    @Option(names = "--region", paramLabel = "NAME", description = "for s3://: default us-east-1")
    private String region = "us-east-1";

    @Option(
            names = "--credentials",
            paramLabel = "FILE",
            description = {
                "for s3://: a file as ~/.aws/credentials; by default AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY,",
                "then that file"
            })
    private Optional<Path> credentials = Optional.empty();

    /** Opens a folder or {@code s3://bucket/prefix}. */
    public ObjectStore open(String place) {
        return place.startsWith("s3://")
                ? new S3Store(URI.create(place), endpoint, region, credentials)
                : new FolderStore(Path.of(place));
    }
}
