package io.homeostat.deploy.backup;

/** An object of a backup that is not what the manifest, or the signed head, says. */
public final class BackupDamaged extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final String object;

    BackupDamaged(String object, String found) {
        super("object " + object + ": " + found);
        this.object = object;
    }

    /** Its name in the store. */
    public String object() {
        return object;
    }
}
