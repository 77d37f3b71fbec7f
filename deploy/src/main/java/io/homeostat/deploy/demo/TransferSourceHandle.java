package io.homeostat.deploy.demo;

import io.homeostat.deploy.load.LoadDriver;
import io.homeostat.deploy.load.TransferFile;
import io.homeostat.deploy.load.TransferRow;
import io.homeostat.deploy.load.TransferSource;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The rows of a file, if there is one, and seeded transfers after its end: the load never runs dry. */
final class TransferSourceHandle implements TransferSource, AutoCloseable {
    private final @Nullable TransferFile file;
    private final TransferSource seeded;
    private volatile long rowsLeft;

    TransferSourceHandle(@Nullable TransferFile file, TransferSource seeded) {
        this.file = file;
        this.seeded = seeded;
        this.rowsLeft = file == null ? 0 : Long.MAX_VALUE;
    }

    @Override
    public synchronized Optional<TransferRow> next() {
        if (file != null && rowsLeft > 0) {
            Optional<TransferRow> row = file.next();
            if (row.isPresent()) {
                rowsLeft--;
                return row;
            }
            rowsLeft = 0;
        }
        return seeded.next();
    }

    /** How many rows of the file are still to come. */
    synchronized void remaining(long rows) {
        rowsLeft = rows;
    }

    /** Sends what is left of the file, so that all of it is in. */
    void rest(LoadDriver load) {
        load.bulk(rowsLeft);
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}
