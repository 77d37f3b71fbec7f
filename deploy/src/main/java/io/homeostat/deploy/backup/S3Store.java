package io.homeostat.deploy.backup;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProviderChain;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Objects below a prefix of a bucket of Amazon S3 or a server that speaks like it. A PUT is whole or not at all by itself.
 *
 * <p>Credentials come from {@code AWS_ACCESS_KEY_ID} and {@code AWS_SECRET_ACCESS_KEY}, else from a credentials file; they
 * are never an argument and never in a message.
 */
public final class S3Store implements ObjectStore {
    private static final int NOT_FOUND = 404;
    private final S3Client client;
    private final String bucket;
    private final String prefix;

    /**
     * @param place {@code s3://bucket/prefix}
     * @param endpoint of a server that is not Amazon's
     * @param credentials a file in the form of {@code ~/.aws/credentials}, which is taken by default
     */
    public S3Store(URI place, Optional<URI> endpoint, String region, Optional<Path> credentials) {
        if (!"s3".equals(place.getScheme()) || place.getHost() == null) {
            throw new IllegalArgumentException("expected s3://bucket/prefix but found '" + place + "'");
        }
        this.bucket = place.getHost();
        String path = place.getPath() == null ? "" : place.getPath().replaceAll("^/+|/+$", "");
        this.prefix = path.isEmpty() ? "" : path + "/";
        // Older servers of other makers know no trailing checksums; every object's SHA-256 stands in the manifest
        // anyway.
        S3ClientBuilder builder = S3Client.builder()
                .httpClient(UrlConnectionHttpClient.create())
                .credentialsProvider(provider(credentials))
                .region(Region.of(region))
                .forcePathStyle(true)
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED);
        endpoint.ifPresent(builder::endpointOverride);
        this.client = builder.build();
    }

    private static AwsCredentialsProvider provider(Optional<Path> credentials) {
        if (credentials.isPresent()) {
            ProfileFile file = ProfileFile.builder()
                    .content(credentials.get())
                    .type(ProfileFile.Type.CREDENTIALS)
                    .build();
            return ProfileCredentialsProvider.builder().profileFile(file).build();
        }
        return AwsCredentialsProviderChain.of(
                EnvironmentVariableCredentialsProvider.create(), ProfileCredentialsProvider.create());
    }

    @Override
    public OptionalLong size(String name) throws IOException {
        try {
            return OptionalLong.of(
                    client.headObject(r -> r.bucket(bucket).key(prefix + name)).contentLength());
        } catch (NoSuchKeyException e) {
            return OptionalLong.empty();
        } catch (S3Exception e) {
            if (e.statusCode() == NOT_FOUND) {
                return OptionalLong.empty();
            }
            throw failed("asking for", name, e);
        } catch (SdkException e) {
            throw failed("asking for", name, e);
        }
    }

    @Override
    public void put(String name, byte[] bytes) throws IOException {
        put(name, RequestBody.fromBytes(bytes));
    }

    @Override
    public void put(String name, Path file) throws IOException {
        put(name, RequestBody.fromFile(file));
    }

    private void put(String name, RequestBody body) throws IOException {
        try {
            client.putObject(r -> r.bucket(bucket).key(prefix + name), body);
        } catch (SdkException e) {
            throw failed("writing", name, e);
        }
    }

    @Override
    public InputStream get(String name) throws IOException {
        try {
            return client.getObject(r -> r.bucket(bucket).key(prefix + name));
        } catch (NoSuchKeyException e) {
            NoSuchFileException missing = new NoSuchFileException(name);
            missing.initCause(e);
            throw missing;
        } catch (SdkException e) {
            throw failed("reading", name, e);
        }
    }

    @Override
    public String place() {
        return "s3://" + bucket + "/" + prefix;
    }

    @Override
    public void close() {
        client.close();
    }

    private IOException failed(String doing, String name, SdkException cause) {
        return new IOException(doing + " object " + name + " in " + place() + " failed: " + cause.getMessage(), cause);
    }
}
