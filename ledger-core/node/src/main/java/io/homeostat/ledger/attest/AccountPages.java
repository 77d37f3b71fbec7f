package io.homeostat.ledger.attest;

import io.homeostat.merkle.MerkleTree;
import java.nio.ByteBuffer;
import java.security.DigestException;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * A digest of all balances in pages of {@value #PAGE} accounts. Pages that the ledger changed are hashed anew at every
 * attestation, and of the others every n-th by turns: so a balance that was changed behind the ledger's back, which marks
 * nothing, is found within n attestations although nobody touches the account.
 *
 * <p>The digest depends on the balances only once every page is fresh; between scrubs a page may stand for what the ledger
 * believes. Not thread-safe, but {@link #firstAlteredPage} may run beside readers.
 */
public final class AccountPages {
    /** Accounts per page: 8 KiB of balances, so the cost of a touched page is about 6 us. */
    public static final int PAGE = 256;

    private static final int HASH_BYTES = MerkleTree.HASH_BYTES;
    private static final int PAGE_SHIFT = 8;

    private final Balances balances;
    private final int scrubEvery;
    private final MessageDigest sha256 = MerkleTree.newSha256();
    private final ByteBuffer buffer = ByteBuffer.allocate(PAGE * Balances.BYTES);
    private byte[] hashes = new byte[64 * HASH_BYTES];
    private boolean[] stale = new boolean[64];
    private int pages;

    /** Where the live balances are. */
    public interface Balances {
        /** Bytes of one account: debits and credits, posted and held. */
        int BYTES = 4 * Long.BYTES;

        int count();

        void write(int ordinal, ByteBuffer out);
    }

    public AccountPages(Balances balances, int scrubEvery) {
        this.balances = balances;
        this.scrubEvery = scrubEvery;
    }

    /** The ledger changed, or just made, this account. */
    public void touch(int ordinal) {
        int page = ordinal >>> PAGE_SHIFT;
        if (page >= pages) {
            grow(page + 1);
        }
        stale[page] = true;
    }

    /** @param turn number of the attestation, which chooses the pages to scrub */
    public byte[] digest(long turn) {
        for (int page = 0; page < pages; page++) {
            if (stale[page] || Math.floorMod(page - turn, (long) scrubEvery) == 0) {
                hash(page, sha256, buffer, hashes, page * HASH_BYTES);
                stale[page] = false;
            }
        }
        sha256.update(hashes, 0, pages * HASH_BYTES);
        return sha256.digest();
    }

    /** The same pages over frozen balances, for a check in another thread. */
    public AccountPages freeze(Balances frozen) {
        AccountPages copy = new AccountPages(frozen, scrubEvery);
        copy.hashes = hashes.clone();
        copy.stale = stale.clone();
        copy.pages = pages;
        return copy;
    }

    /** First page whose balances changed though the ledger did not change them; -1 when there is none. */
    public int firstAlteredPage() {
        byte[] found = new byte[HASH_BYTES];
        MessageDigest own = MerkleTree.newSha256();
        ByteBuffer room = ByteBuffer.allocate(buffer.capacity());
        for (int page = 0; page < pages; page++) {
            if (!stale[page]) {
                hash(page, own, room, found, 0);
                if (!Arrays.equals(found, 0, HASH_BYTES, hashes, page * HASH_BYTES, (page + 1) * HASH_BYTES)) {
                    return page;
                }
            }
        }
        return -1;
    }

    private void hash(int page, MessageDigest digest, ByteBuffer room, byte[] out, int offset) {
        room.clear();
        int end = Math.min(balances.count(), (page + 1) << PAGE_SHIFT);
        for (int ordinal = page << PAGE_SHIFT; ordinal < end; ordinal++) {
            balances.write(ordinal, room);
        }
        digest.update(room.array(), 0, room.position());
        try {
            digest.digest(out, offset, HASH_BYTES);
        } catch (DigestException e) {
            throw new IllegalStateException("SHA-256 needs " + HASH_BYTES + " bytes of room", e);
        }
    }

    private void grow(int count) {
        pages = count;
        if (count > stale.length) {
            stale = Arrays.copyOf(stale, Math.max(count, stale.length * 2));
            hashes = Arrays.copyOf(hashes, stale.length * HASH_BYTES);
        }
    }
}
