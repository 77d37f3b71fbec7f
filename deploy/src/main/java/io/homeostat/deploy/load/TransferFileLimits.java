package io.homeostat.deploy.load;

/**
 * Bounds of a transfer file.
 *
 * @param maxLineChars a row of the known data sets has under 200 characters; a longer line is not a row
 * @param maxColumns the known data sets have under 12
 */
record TransferFileLimits(int maxLineChars, int maxColumns) {
    static final TransferFileLimits DEFAULT = new TransferFileLimits(4096, 64);
}
