package io.homeostat.approvals.web;

import io.homeostat.approvals.bundle.BundleExport;
import io.homeostat.approvals.bundle.BundleFault;
import java.nio.file.Path;
import java.util.Map;

/** A bundle as a download. */
final class BundleReply {
    private BundleReply() {}

    static Reply of(BundleExport bundles, String subject) {
        try {
            Path file = bundles.write(subject);
            String name = subject.replaceAll("[^A-Za-z0-9._-]", "-") + ".homeostat-bundle";
            return new Reply(200, "application/octet-stream", new byte[0], Map.of(), file, null)
                    .with("Content-Disposition", "attachment; filename=\"" + name + "\"")
                    .with("Cache-Control", "no-store");
        } catch (BundleFault e) {
            throw new Problem(
                    503, "bundle-not-ready", "The bundle can not be made now", String.valueOf(e.getMessage()), "", 5);
        }
    }
}
