package io.homeostat.approvals.web;

import java.nio.file.Path;

/** PEM files for TLS at the web door. Without it the door speaks plain HTTP and belongs behind a loopback address. */
public record WebTls(Path certificateChain, Path privateKey) {}
