package io.homeostat.telemetry.intake;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Inflates gzip (RFC 1952) up to a limit and stops there: what lies beyond is never inflated, so a small body that would
 * become hundreds of megabytes costs no more than the limit.
 */
final class BoundedInflater {
    private static final int CHUNK_BYTES = 8192;

    private BoundedInflater() {}

    static byte[] inflate(byte[] gzip, int limitBytes) throws RefusedBody {
        ByteArrayOutputStream inflated = new ByteArrayOutputStream(Math.min(limitBytes, gzip.length * 2 + 64));
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(gzip), CHUNK_BYTES)) {
            byte[] chunk = new byte[CHUNK_BYTES];
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                if (inflated.size() + read > limitBytes) {
                    throw new RefusedBody(
                            Refusal.TOO_LARGE,
                            "the gzip body inflates to more than the limit of " + limitBytes + " bytes");
                }
                inflated.write(chunk, 0, read);
            }
        } catch (ZipException | EOFException e) {
            throw new RefusedBody(Refusal.MALFORMED, "the body is not whole gzip although Content-Encoding says gzip");
        } catch (IOException e) {
            throw new IllegalStateException("reading from memory does not fail otherwise", e);
        }
        return inflated.toByteArray();
    }
}
