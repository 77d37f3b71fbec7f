package io.homeostat.merkle.bundle;

/** {@code count} distinct persons who hold {@code role}; demands of a tier are joined by AND. */
public record Demand(String role, int count) {}
