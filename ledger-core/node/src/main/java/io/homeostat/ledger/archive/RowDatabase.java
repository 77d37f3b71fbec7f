package io.homeostat.ledger.archive;

import io.homeostat.ledger.archive.RowArchive.Row;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Checkpoint;
import org.rocksdb.ChecksumType;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.IndexType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.RocksObject;
import org.rocksdb.SstFileReader;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * One RocksDB database with two columns: rows by id (16 bytes), and rows that began as holds by number (8 bytes, big-endian).
 *
 * <p>Memory outside the heap: 64 MB of blocks and filters, up to 32 MB of rows per column that are not in a file yet. A filter takes 10 bits per
 * row, so those of 50 M rows stay in memory and tell of 99 new ids in 100 that they are new; beyond that a part of the filters
 * is read again from the page cache. Safe for use by many threads until it is closed, which the owner must order.
 */
final class RowDatabase implements AutoCloseable {
    private static final long CACHE_BYTES = 64L << 20;
    private static final long BUFFER_BYTES = 16L << 20;
    private static final long FILE_BYTES = 64L << 20;
    private static final int FILTER_BITS = 10;
    private static final int FILTER_PART_BYTES = 16 << 10;
    private static final int OPEN_FILES = 512;
    private static final int ID_BYTES = 16;
    private static final String TABLE = ".sst";

    private final Path folder;
    private final List<RocksObject> owned = new ArrayList<>();
    private final RocksDB database;
    private final ColumnFamilyHandle rows;
    private final ColumnFamilyHandle holds;
    private final WriteOptions noLog;

    private RowDatabase(Path folder) throws RocksDBException {
        this.folder = folder;
        // One shard: RocksDB's usual 64 would have 1 MB each, less than what a table's filter and index take, and every
        // question
        // would read them again.
        LRUCache cache = own(new LRUCache(CACHE_BYTES, 0));
        BlockBasedTableConfig table = new BlockBasedTableConfig()
                .setBlockCache(cache)
                .setCacheIndexAndFilterBlocks(true)
                .setCacheIndexAndFilterBlocksWithHighPriority(true)
                .setPinL0FilterAndIndexBlocksInCache(true)
                .setFilterPolicy(own(new BloomFilter(FILTER_BITS, false)))
                .setWholeKeyFiltering(true)
                // In parts: when the cache no longer holds all filters, a question reads one part and not a whole one.
                .setIndexType(IndexType.kTwoLevelIndexSearch)
                .setPartitionFilters(true)
                .setMetadataBlockSize(FILTER_PART_BYTES)
                .setPinTopLevelIndexAndFilter(true)
                .setChecksumType(ChecksumType.kCRC32c)
                .setFormatVersion(5);
        ColumnFamilyOptions column = own(new ColumnFamilyOptions())
                .setTableFormatConfig(table)
                .setCompressionType(CompressionType.NO_COMPRESSION)
                .setWriteBufferSize(BUFFER_BYTES)
                .setMaxWriteBufferNumber(2)
                .setMemtableWholeKeyFiltering(true)
                .setMemtablePrefixBloomSizeRatio(0.1)
                .setTargetFileSizeBase(FILE_BYTES);
        DBOptions options = own(new DBOptions())
                .setCreateIfMissing(true)
                .setCreateMissingColumnFamilies(true)
                .setParanoidChecks(true)
                // Both columns reach the disk together, as there is no log to bring them together again.
                .setAtomicFlush(true)
                .setMaxOpenFiles(OPEN_FILES)
                .setMaxBackgroundJobs(2)
                .setInfoLogLevel(InfoLogLevel.ERROR_LEVEL)
                .setKeepLogFileNum(1)
                .setStatsDumpPeriodSec(0);
        noLog = own(new WriteOptions()).setDisableWAL(true);
        List<ColumnFamilyHandle> handles = new ArrayList<>();
        List<ColumnFamilyDescriptor> columns = List.of(
                new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, column),
                new ColumnFamilyDescriptor(new byte[] {'h'}, column));
        database = RocksDB.open(options, folder.toString(), columns, handles);
        rows = handles.get(0);
        holds = handles.get(1);
    }

    static RowDatabase open(Path folder) {
        try {
            Files.createDirectories(folder);
            // Unpacked beside the rows: in the system's temporary folder each killed process would leave 13 MB.
            Path beside = folder.toAbsolutePath().resolve("..").normalize();
            NativeLibraryLoader.getInstance().loadLibrary(beside.toString());
            RocksDB.loadLibrary();
            return new RowDatabase(folder);
        } catch (RocksDBException | IOException e) {
            throw unusable(folder, e);
        }
    }

    Path folder() {
        return folder;
    }

    byte @Nullable [] find(long idHigh, long idLow) {
        try {
            return database.get(rows, id(idHigh, idLow));
        } catch (RocksDBException e) {
            throw unusable(folder, e);
        }
    }

    List<byte[]> holdsBefore(long number, int limit) {
        List<byte[]> found = new ArrayList<>();
        try (ReadOptions total = new ReadOptions().setTotalOrderSeek(true);
                RocksIterator at = database.newIterator(holds, total)) {
            if (number > 0) {
                at.seekForPrev(number(number - 1));
                for (; at.isValid() && found.size() < limit; at.prev()) {
                    found.add(at.value());
                }
            }
            at.status();
        } catch (RocksDBException e) {
            throw unusable(folder, e);
        }
        return found;
    }

    void add(List<Row> added) {
        try (WriteBatch batch = new WriteBatch()) {
            for (Row row : added) {
                batch.put(rows, id(row.idHigh(), row.idLow()), row.content());
                if (row.hold()) {
                    batch.put(holds, number(row.number()), row.content());
                }
            }
            database.write(noLog, batch);
        } catch (RocksDBException e) {
            throw unusable(folder, e);
        }
    }

    /** Flushes, links the table files and copies the small ones. */
    void copyTo(Path copy) {
        try (Checkpoint checkpoint = Checkpoint.create(database)) {
            checkpoint.createCheckpoint(copy.toString());
            try (Stream<Path> files = Files.list(copy)) {
                for (Path file :
                        files.filter(f -> !f.toString().endsWith(TABLE)).toList()) {
                    sync(file);
                }
            }
            sync(copy);
        } catch (RocksDBException | IOException e) {
            throw unusable(folder, e);
        }
    }

    private static void sync(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Reads every block against its checksum. */
    static void verify(Path file) {
        try (Options options = new Options();
                SstFileReader reader = new SstFileReader(options)) {
            if (Files.exists(file)) {
                reader.open(file.toString());
                reader.verifyChecksum();
            }
        } catch (RocksDBException e) {
            if (Files.exists(file)) {
                throw unusable(file, e);
            }
        }
    }

    /**
     * Makes a folder that a database can be opened in; table files are shared with the copy, for they never change.
     *
     * @return the table files; the database deletes them as it merges them
     */
    static List<Path> link(Path copy, Path folder) {
        List<Path> tables = new ArrayList<>();
        try (Stream<Path> files = Files.list(copy)) {
            Files.createDirectories(folder);
            for (Path file : files.toList()) {
                String fileName = file.getFileName().toString();
                Path target = folder.resolve(fileName);
                if (fileName.endsWith(TABLE)) {
                    tables.add(target);
                    try {
                        Files.createLink(target, file);
                    } catch (UnsupportedOperationException | IOException e) {
                        Files.copy(file, target);
                    }
                } else if (fileName.equals("CURRENT")
                        || fileName.startsWith("MANIFEST-")
                        || fileName.startsWith("OPTIONS-")) {
                    // Installation lays digests beside them, which are left out.
                    if (!fileName.endsWith(".md5")) {
                        Files.copy(file, target);
                    }
                }
            }
            return tables;
        } catch (IOException e) {
            throw unusable(copy, e);
        }
    }

    @Override
    public void close() {
        rows.close();
        holds.close();
        database.close();
        for (int i = owned.size() - 1; i >= 0; i--) {
            owned.get(i).close();
        }
    }

    private <T extends RocksObject> T own(T object) {
        owned.add(object);
        return object;
    }

    private static byte[] id(long high, long low) {
        return ByteBuffer.allocate(ID_BYTES).putLong(high).putLong(low).array();
    }

    private static byte[] number(long number) {
        return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
    }

    private static ArchiveFault unusable(Path where, Exception e) {
        return new ArchiveFault(
                "the index of old transfer ids in " + where + " can not be used: " + e.getMessage()
                        + "; without it a repeated id would be taken for a new one, so this node stops: rebuild it from its"
                        + " peers (homeostat node --rebuild)",
                e);
    }
}
