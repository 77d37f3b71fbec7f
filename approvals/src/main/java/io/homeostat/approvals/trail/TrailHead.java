package io.homeostat.approvals.trail;

/** A tree head of the trail: {@code rootHex} is the RFC 6962 root over the first {@code size} leaves. */
public record TrailHead(long size, String rootHex) {}
