package io.homeostat.deploy.load;

/**
 * Bounds of the load driver.
 *
 * @param bulkBatch transfers in one request of the bulk phase: near the ledger's best, far below its limit of 8190
 * @param accountsBatch accounts in one request, half of the ledger's limit
 * @param ticksPerSecond of the steady phase: small batches, often, as clients send them
 * @param maxRemembered acknowledged ids kept in memory until the end (about 70 bytes each, and once more when they are looked for)
 */
record LoadLimits(int bulkBatch, int accountsBatch, int ticksPerSecond, int maxRemembered) {
    static final LoadLimits DEFAULT = new LoadLimits(1000, 4000, 20, 500_000);
}
