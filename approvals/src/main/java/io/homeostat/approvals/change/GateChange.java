package io.homeostat.approvals.change;

import io.homeostat.approvals.ledger.LedgerCase;
import io.homeostat.approvals.ledger.LedgerPolicy;
import io.homeostat.merkle.ChangePayload;
import io.homeostat.merkle.Digests;
import io.homeostat.merkle.MerkleTree;
import io.homeostat.merkle.VerificationKey;
import io.homeostat.merkle.bundle.Demand;
import io.homeostat.merkle.bundle.KeyChange;
import io.homeostat.merkle.bundle.Policy;
import io.homeostat.merkle.bundle.PolicyTier;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A change of policy or keys as an approver reads it. Immutable.
 *
 * @param title in one line
 * @param words what changes, in sentences
 * @param diff line by line, before and after
 * @param digestHolds that the payload digest follows from the body that is shown
 * @param subject the person whose key or roles it is about, empty for a policy
 */
public record GateChange(String title, List<Sentence> words, List<Line> diff, boolean digestHolds, String subject) {
    public GateChange {
        words = List.copyOf(words);
        diff = List.copyOf(diff);
    }

    /** @param asksForLess the gate would ask for less than it does today: to be read twice */
    public record Sentence(String text, boolean asksForLess) {}

    /** @param mark {@code +} after the change, {@code -} before it, {@code =} both, {@code #} a heading */
    public record Line(char mark, String text) {}

    /** As {@link #of(LedgerCase, LedgerPolicy)} where the policy in force is not at hand: what is new, compared with nothing. */
    public static Optional<GateChange> of(LedgerCase held) {
        return of(held, LedgerPolicy.EMPTY);
    }

    /** Empty for a case of another kind. A body that can not be read is shown as such, and its digest does not hold. */
    public static Optional<GateChange> of(LedgerCase held, LedgerPolicy now) {
        LedgerCase.Change change = held.change();
        if (change == null) {
            return Optional.empty();
        }
        try {
            byte[] body = Base64.getDecoder().decode(change.body());
            byte[] digest = held.kind() == LedgerCase.Kind.POLICY
                    ? ChangePayload.policyDigest(change.baseVersion(), body)
                    : ChangePayload.keysDigest(body);
            boolean holds = Digests.hex(digest).equals(held.payloadDigest());
            return Optional.of(
                    held.kind() == LedgerCase.Kind.POLICY
                            ? ofPolicy(held, change.baseVersion(), Policy.decode(body), now, holds)
                            : ofKeys(KeyChange.decode(body), now, holds));
        } catch (IllegalArgumentException e) {
            Sentence unreadable = new Sentence("This change can not be read: " + e.getMessage(), true);
            return Optional.of(new GateChange("An unreadable change", List.of(unreadable), List.of(), false, ""));
        }
    }

    /** What a policy would change that nobody has proposed yet. */
    public static GateChange preview(Policy proposed, LedgerPolicy now) {
        return compared(now.version(), proposed, now, true, true);
    }

    private static GateChange ofPolicy(
            LedgerCase held, long base, Policy proposed, LedgerPolicy now, boolean digestHolds) {
        return compared(base, proposed, now, digestHolds, held.open() && base == now.version());
    }

    private static GateChange compared(
            long base, Policy proposed, LedgerPolicy now, boolean digestHolds, boolean comparable) {
        List<Sentence> words = new ArrayList<>();
        List<Line> diff = new ArrayList<>();
        Map<String, PolicyTier> before = new LinkedHashMap<>();
        if (comparable) {
            now.tiers().forEach(tier -> before.put(tier.name(), TierText.of(tier)));
        } else {
            words.add(new Sentence(
                    "It replaces version " + base + ", which is not in force any more. This is the whole new policy.",
                    false));
        }
        for (PolicyTier tier : proposed.tiers()) {
            PolicyTier old = before.remove(tier.name());
            if (old == null) {
                added(tier, words, diff, comparable);
            } else {
                compared(old, tier, words, diff);
            }
        }
        before.values().forEach(old -> {
            words.add(new Sentence("Tier " + old.name() + " goes away: nothing falls in it any more.", true));
            diff.add(new Line('#', old.name()));
            TierText.lines(old).forEach(line -> diff.add(new Line('-', line)));
        });
        if (words.isEmpty()) {
            words.add(new Sentence("Nothing changes but the version.", false));
        }
        return new GateChange("Policy version " + base + " becomes " + (base + 1), words, diff, digestHolds, "");
    }

    private static void added(PolicyTier tier, List<Sentence> words, List<Line> diff, boolean comparable) {
        if (comparable) {
            words.add(new Sentence(
                    "Tier " + tier.name() + " is new: " + String.join(", ", TierText.lines(tier)) + ".", false));
        }
        diff.add(new Line('#', tier.name()));
        TierText.lines(tier).forEach(line -> diff.add(new Line(comparable ? '+' : '=', line)));
    }

    private static void compared(PolicyTier old, PolicyTier tier, List<Sentence> words, List<Line> diff) {
        List<String> oldLines = TierText.lines(old);
        List<String> newLines = TierText.lines(tier);
        if (oldLines.equals(newLines)) {
            diff.add(new Line('#', tier.name() + " (unchanged)"));
            return;
        }
        diff.add(new Line('#', tier.name()));
        for (String line : oldLines) {
            diff.add(new Line(newLines.contains(line) ? '=' : '-', line));
        }
        for (String line : newLines) {
            if (!oldLines.contains(line)) {
                diff.add(new Line('+', line));
            }
        }
        String who = "Tier " + tier.name() + ": ";
        if (old.kind() != tier.kind()
                || !old.asset().equals(tier.asset())
                || old.accountClass() != tier.accountClass()) {
            words.add(new Sentence(who + "it is about something else now: " + newLines.get(0) + ".", true));
        } else if (old.fromAmount() != tier.fromAmount()) {
            words.add(new Sentence(
                    who + "from " + amount(tier) + " instead of from " + amount(old) + " minor units of " + tier.asset()
                            + ".",
                    tier.fromAmount() > old.fromAmount()));
        }
        if (!old.demands().equals(tier.demands())) {
            words.add(new Sentence(
                    who + "needs " + TierText.demands(tier.demands()) + " instead of " + TierText.demands(old.demands())
                            + ".",
                    old.demands().stream().anyMatch(d -> count(tier, d.role()) < d.count())));
        }
        if (old.expirySeconds() != tier.expirySeconds()) {
            words.add(new Sentence(
                    who + "a case expires after " + TierText.span(tier.expirySeconds()) + " instead of "
                            + TierText.span(old.expirySeconds()) + ".",
                    tier.expirySeconds() > old.expirySeconds()));
        }
        if (old.screenMillis() != tier.screenMillis()) {
            words.add(new Sentence(
                    who + "the detector has " + tier.screenMillis() + " ms instead of " + old.screenMillis() + " ms.",
                    false));
        }
        if (!old.escalationRoles().equals(tier.escalationRoles())
                || old.escalateAfterSeconds() != tier.escalateAfterSeconds()) {
            String after = newLines.get(newLines.size() - 1);
            words.add(new Sentence(
                    who + after + "; today " + oldLines.get(oldLines.size() - 1) + ".",
                    !tier.escalationRoles().isEmpty()));
        }
    }

    private static String amount(PolicyTier tier) {
        return String.format(java.util.Locale.ROOT, "%,d", tier.fromAmount());
    }

    private static int count(PolicyTier tier, String role) {
        return tier.demands().stream()
                .filter(d -> d.role().equals(role))
                .mapToInt(Demand::count)
                .sum();
    }

    private static GateChange ofKeys(KeyChange change, LedgerPolicy now, boolean digestHolds) {
        List<Sentence> words = new ArrayList<>();
        List<Line> diff = new ArrayList<>();
        if (change instanceof KeyChange.Register c) {
            String person = c.key().person();
            words.add(new Sentence(
                    "Key " + c.key().keyId() + " is registered for " + person + ", with the roles "
                            + String.join(", ", c.key().roles()) + ".",
                    false));
            words.add(new Sentence(
                    "Whoever holds it signs as " + person + ". Ask " + person + " on another way"
                            + " whether this key is theirs, and compare the fingerprint.",
                    false));
            List<LedgerPolicy.Key> known = now.keysOf(person);
            if (now.version() > 0 && known.isEmpty()) {
                words.add(new Sentence(person + " has no key today: this is a new approver.", true));
            } else if (now.version() > 0
                    && c.key().roles().stream()
                            .anyMatch(
                                    r -> known.stream().noneMatch(k -> k.roles().contains(r)))) {
                words.add(new Sentence(person + " gets a role that none of their keys has today.", true));
            }
            known.forEach(key -> diff.add(new Line('=', line(key))));
            diff.add(new Line(
                    '+', c.key().keyId() + ": " + String.join(", ", c.key().roles())));
            describe(c.key().key(), diff);
            return new GateChange("A new key for " + person, words, diff, digestHolds, person);
        }
        if (change instanceof KeyChange.Rotate c) {
            String person = person(now, c.keyId());
            words.add(new Sentence(
                    "Key " + c.newKeyId() + " takes the place of " + c.keyId() + " of " + person
                            + ". What the old one signed stays; it signs no more.",
                    false));
            now.key(c.keyId()).ifPresent(key -> diff.add(new Line('-', line(key))));
            diff.add(new Line('+', c.newKeyId() + ": the same roles"));
            describe(c.newKey(), diff);
            return new GateChange("Another key for " + person, words, diff, digestHolds, person);
        }
        if (change instanceof KeyChange.Revoke c) {
            String person = person(now, c.keyId());
            words.add(new Sentence(
                    "Key " + c.keyId() + " of " + person
                            + " is revoked: it signs no more, and what it signed on open cases counts no more.",
                    false));
            now.key(c.keyId()).ifPresent(key -> diff.add(new Line('-', line(key))));
            return new GateChange("Revoke key " + c.keyId(), words, diff, digestHolds, person);
        }
        KeyChange.Roles c = (KeyChange.Roles) change;
        List<String> before = now.keysOf(c.person()).stream()
                .flatMap(key -> key.roles().stream())
                .distinct()
                .toList();
        words.add(new Sentence(
                c.person() + " has the roles " + String.join(", ", c.roles()) + " instead of "
                        + String.join(", ", before) + ". What " + c.person() + " signed on open cases counts no more.",
                !before.containsAll(c.roles())));
        before.forEach(role -> diff.add(new Line(c.roles().contains(role) ? '=' : '-', role)));
        c.roles().stream().filter(role -> !before.contains(role)).forEach(role -> diff.add(new Line('+', role)));
        return new GateChange("Roles of " + c.person(), words, diff, digestHolds, c.person());
    }

    private static String person(LedgerPolicy now, String keyId) {
        return now.key(keyId).map(LedgerPolicy.Key::person).orElse(now.version() == 0 ? "its person" : "nobody known");
    }

    private static String line(LedgerPolicy.Key key) {
        return key.keyId() + ": " + String.join(", ", key.roles()) + " (" + key.algorithm() + ")";
    }

    private static void describe(VerificationKey key, List<Line> diff) {
        diff.add(new Line('+', "algorithm " + key.algorithm().wireName()));
        diff.add(new Line('+', "fingerprint " + fingerprint(key.publicKey())));
        if (!key.rpId().isEmpty()) {
            diff.add(new Line('+', "bound to " + key.origin() + " (rpId " + key.rpId() + ")"));
        }
    }

    /** The first 16 bytes of the public key's SHA-256, in groups that can be read out on the telephone. */
    public static String fingerprint(byte[] publicKey) {
        String hex = Digests.hex(MerkleTree.sha256(publicKey)).substring(0, 32);
        return hex.replaceAll("(.{4})(?!$)", "$1 ");
    }
}
