package io.homeostat.detector.job;

import java.util.List;

/**
 * What was said between two checkpoints. It is part of the checkpoint until Kafka has it.
 *
 * @param line random name of the writer that numbered it: a writer counts from its start and knows no other
 * @param number from 0, one more with each batch of the line
 * @param events in the order in which they were decided
 */
record IncidentBatch(String line, long number, List<Publication> events) {}
