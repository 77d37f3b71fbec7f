package io.homeostat.ledger.testing;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A client of a C2SP tlog-tiles log that shares no code with the product: it reads tiles and bundles over HTTP and computes
 * roots and proofs by the definitions of RFC 6962, section 2.1.
 */
public final class TileAuditor {
    private static final int WIDTH = 256;
    private final URI prefix;
    private final String token;
    private final HttpClient http = HttpClient.newHttpClient();
    private final Map<String, byte[]> fetched = new HashMap<>();
    private long size;
    private byte[] root = {};

    public TileAuditor(URI prefix, String token) {
        this.prefix = prefix;
        this.token = token;
    }

    /** Reads the checkpoint; what follows is about the tree of that size. */
    public long checkpoint() {
        String[] lines = new String(fetch("checkpoint"), StandardCharsets.UTF_8).split("\n");
        size = Long.parseLong(lines[1]);
        root = Base64.getDecoder().decode(lines[2]);
        return size;
    }

    public byte[] signedRoot() {
        return root;
    }

    /** Root computed from the fewest and highest tiles. */
    public byte[] rootFromTiles() {
        return treeHash(0, size);
    }

    /** Root computed from the entries themselves. */
    public byte[] rootFromEntries() {
        List<byte[]> level = new ArrayList<>();
        for (long i = 0; i < size; i++) {
            level.add(leafHash(entry(i)));
        }
        return treeHash(level);
    }

    public byte[] entry(long sequence) {
        long bundle = sequence / WIDTH;
        ByteBuffer in = ByteBuffer.wrap(fetch("tile/entries/" + path(bundle, size - bundle * WIDTH)));
        for (long i = bundle * WIDTH; ; i++) {
            byte[] entry = new byte[Short.toUnsignedInt(in.getShort())];
            in.get(entry);
            if (i == sequence) {
                return entry;
            }
        }
    }

    /** PATH(m, D[n]) from tiles. */
    public List<byte[]> inclusionProof(long sequence) {
        return path(sequence, 0, size);
    }

    private List<byte[]> path(long m, long from, long to) {
        if (to - from == 1) {
            return new ArrayList<>();
        }
        long middle = from + split(to - from);
        List<byte[]> path = m < middle ? path(m, from, middle) : path(m, middle, to);
        path.add(m < middle ? treeHash(middle, to) : treeHash(from, middle));
        return path;
    }

    /** The root that a proof leads to. */
    public byte[] rootOf(long sequence, byte[] entry, List<byte[]> proof) {
        return rootOf(sequence, size, leafHash(entry), proof);
    }

    private static byte[] rootOf(long m, long n, byte[] leafHash, List<byte[]> proof) {
        if (n == 1) {
            return leafHash;
        }
        byte[] sibling = proof.get(proof.size() - 1);
        List<byte[]> below = proof.subList(0, proof.size() - 1);
        long k = split(n);
        return m < k
                ? sha256((byte) 1, rootOf(m, k, leafHash, below), sibling)
                : sha256((byte) 1, sibling, rootOf(m - k, n - k, leafHash, below));
    }

    /** MTH(D[from:to]) where the range is one of the tree's own subtrees. */
    private byte[] treeHash(long from, long to) {
        long width = to - from;
        if (Long.bitCount(width) == 1 && from % width == 0) {
            int height = Long.numberOfTrailingZeros(width);
            int level = height / 8;
            long first = from >> (8 * level);
            List<byte[]> hashes = new ArrayList<>();
            for (long i = first; i < first + (1L << (height % 8)); i++) {
                hashes.add(tileHash(level, i));
            }
            return treeHash(hashes);
        }
        long middle = from + split(width);
        return sha256((byte) 1, treeHash(from, middle), treeHash(middle, to));
    }

    private byte[] tileHash(int level, long index) {
        long tile = index / WIDTH;
        long available = (size >> (8 * level)) - tile * WIDTH;
        byte[] hashes = fetch("tile/" + level + "/" + path(tile, available));
        int offset = (int) (index % WIDTH) * 32;
        return Arrays.copyOfRange(hashes, offset, offset + 32);
    }

    private static String path(long n, long available) {
        String digits = Long.toString(n);
        while (digits.length() % 3 != 0) {
            digits = "0" + digits;
        }
        String groups = digits.replaceAll("(\\d{3})(?=\\d)", "x$1/");
        return available >= WIDTH ? groups : groups + ".p/" + available;
    }

    private byte[] fetch(String path) {
        return path.equals("checkpoint") ? get(path) : fetched.computeIfAbsent(path, this::get);
    }

    private byte[] get(String path) {
        try {
            HttpResponse<byte[]> response = http.send(
                    HttpRequest.newBuilder(prefix.resolve("/" + path))
                            .header("Authorization", "Bearer " + token)
                            .build(),
                    HttpResponse.BodyHandlers.ofByteArray());
            String caching = response.headers().firstValue("Cache-Control").orElse("");
            if (response.statusCode() != 200 || path.startsWith("tile/") != caching.endsWith("immutable")) {
                throw new AssertionError(path + " answered " + response.statusCode() + ", Cache-Control " + caching);
            }
            return response.body();
        } catch (IOException e) {
            throw new AssertionError("reading " + path, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    private static byte[] treeHash(List<byte[]> hashes) {
        if (hashes.size() == 1) {
            return hashes.get(0);
        }
        int k = (int) split(hashes.size());
        return sha256((byte) 1, treeHash(hashes.subList(0, k)), treeHash(hashes.subList(k, hashes.size())));
    }

    private static long split(long n) {
        long k = 1;
        while (k * 2 < n) {
            k *= 2;
        }
        return k;
    }

    private static byte[] leafHash(byte[] entry) {
        return sha256((byte) 0, entry);
    }

    private static byte[] sha256(byte prefix, byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(prefix);
            for (byte[] part : parts) {
                digest.update(part);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
