package io.loomkeeper.log;

import java.nio.file.Path;

/**
 * What was found in one segment's file when it was read to its end.
 *
 * @param number of the segment
 * @param bytes of the file
 * @param soundBytes from its beginning to where sound records end
 * @param transactions that are sound
 * @param firstZxid of these; 0 when there is none
 * @param lastZxid of these; 0 when there is none
 * @param endsWith why reading stopped
 * @param restIsZero whether nothing but zeros comes behind: space reserved for what was to come
 */
public record SegmentContent(
        long number,
        Path path,
        long bytes,
        long soundBytes,
        long transactions,
        long firstZxid,
        long lastZxid,
        String endsWith,
        boolean restIsZero) {}
