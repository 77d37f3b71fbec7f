package io.homeostat.ledger.state;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** @param digests node id to lower-case hex of what it attested for this Raft index, in the order of the genesis */
public record AttestationView(long raftIndex, Map<String, String> digests) {
    public AttestationView {
        digests = Collections.unmodifiableMap(new LinkedHashMap<>(digests));
    }
}
