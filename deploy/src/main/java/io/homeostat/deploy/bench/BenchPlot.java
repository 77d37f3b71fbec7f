package io.homeostat.deploy.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A picture of a bench: latency by percentile (logarithmic, after G. Tene's HdrHistogram plots) above throughput over time.
 * Written as SVG by hand, because chart libraries draw through AWT, which a headless Java runtime may lack.
 *
 * <p>Not thread-safe.
 */
public final class BenchPlot {
    private static final int WIDTH = 960;
    private static final int HEIGHT = 360;
    private static final int LEFT = 70;
    private static final int RIGHT = 300;
    private static final int TOP = 30;
    private static final int BOTTOM = 45;
    private static final double[] PERCENTILES = {0, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 100};
    private static final String[] COLOURS = {
        "#1b6ca8", "#d1495b", "#3c896d", "#edae49", "#66418c", "#00798c", "#8d5524", "#444444"
    };

    private final List<Series> series = new ArrayList<>();

    private record Series(String name, double[] latencyMillis, double[] timeline) {}

    private record Point(double x, double y) {}

    int next() {
        return series.size() + 1;
    }

    void add(String name, Meter meter) {
        double[] latency = new double[PERCENTILES.length];
        for (int i = 0; i < latency.length; i++) {
            latency[i] = Math.max(0.01, meter.latencyMillis(PERCENTILES[i]));
        }
        series.add(new Series(name, latency, meter.timeline()));
    }

    /** Writes what was added; the file is replaced. */
    public void write(Path file) throws IOException {
        StringBuilder svg = new StringBuilder(1 << 14);
        svg.append("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"")
                .append(WIDTH)
                .append("\" height=\"")
                .append(2 * HEIGHT)
                .append("\" font-family=\"sans-serif\" font-size=\"12\">\n")
                .append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
        latency(svg);
        svg.append("<g transform=\"translate(0,").append(HEIGHT).append(")\">\n");
        throughput(svg);
        svg.append("</g>\n</svg>\n");
        Files.write(file, svg.toString().getBytes(StandardCharsets.UTF_8));
    }

    private void latency(StringBuilder svg) {
        double most = 0.1;
        for (Series one : series) {
            most = Math.max(most, one.latencyMillis[PERCENTILES.length - 1]);
        }
        int decades = (int) Math.ceil(Math.log10(most / 0.1));
        frame(svg, "latency, ms (logarithmic)", "percentile");
        for (int i = 0; i <= decades; i++) {
            tick(svg, (double) i / decades, number(0.1 * Math.pow(10, i)));
        }
        for (int i = 0; i < PERCENTILES.length; i++) {
            text(svg, x((double) i / (PERCENTILES.length - 1)), HEIGHT - BOTTOM + 16, "middle", number(PERCENTILES[i]));
        }
        for (int s = 0; s < series.size(); s++) {
            List<Point> points = new ArrayList<>();
            for (int i = 0; i < PERCENTILES.length; i++) {
                double decade = Math.max(0, Math.log10(series.get(s).latencyMillis[i] / 0.1));
                points.add(new Point((double) i / (PERCENTILES.length - 1), decade / decades));
            }
            line(svg, s, points);
        }
    }

    private void throughput(StringBuilder svg) {
        double most = 1;
        int longest = 2;
        for (Series one : series) {
            longest = Math.max(longest, one.timeline.length);
            for (double rate : one.timeline) {
                most = Math.max(most, rate);
            }
        }
        frame(svg, "transfers/s, by tenth of a second", "seconds");
        for (int i = 0; i <= 4; i++) {
            tick(svg, i / 4.0, number(Math.round(most * i / 4)));
            text(svg, x(i / 4.0), HEIGHT - BOTTOM + 16, "middle", number(longest * i / 40.0));
        }
        for (int s = 0; s < series.size(); s++) {
            double[] timeline = series.get(s).timeline;
            List<Point> points = new ArrayList<>();
            for (int i = 0; i < timeline.length; i++) {
                points.add(new Point((double) i / (longest - 1), timeline[i] / most));
            }
            line(svg, s, points);
        }
    }

    private static void frame(StringBuilder svg, String y, String x) {
        svg.append(String.format(
                Locale.ROOT,
                "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#999\"/>%n",
                LEFT,
                TOP,
                WIDTH - LEFT - RIGHT,
                HEIGHT - TOP - BOTTOM));
        text(svg, LEFT, TOP - 10, "start", y);
        text(svg, x(0.5), HEIGHT - 8, "middle", x);
    }

    private static void tick(StringBuilder svg, double height, String label) {
        svg.append(String.format(
                Locale.ROOT,
                "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>%n",
                LEFT,
                WIDTH - RIGHT,
                y(height),
                y(height)));
        text(svg, LEFT - 6, y(height) + 4, "end", label);
    }

    private void line(StringBuilder svg, int index, List<Point> points) {
        String colour = COLOURS[index % COLOURS.length];
        svg.append("<polyline fill=\"none\" stroke-width=\"1.5\" stroke=\"")
                .append(colour)
                .append("\" points=\"");
        for (Point point : points) {
            svg.append(String.format(Locale.ROOT, "%.1f,%.1f ", x(point.x), y(point.y)));
        }
        svg.append("\"/>\n<text fill=\"")
                .append(colour)
                .append("\" x=\"")
                .append(WIDTH - RIGHT + 12)
                .append("\" y=\"")
                .append(TOP + 14 + 18 * index)
                .append("\">")
                .append(series.get(index).name)
                .append("</text>\n");
    }

    private static void text(StringBuilder svg, double x, double y, String anchor, String text) {
        svg.append(String.format(
                Locale.ROOT, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n", x, y, anchor, text));
    }

    private static double x(double share) {
        return LEFT + share * (WIDTH - LEFT - RIGHT);
    }

    private static double y(double share) {
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
    }

    private static String number(double value) {
        return value == Math.rint(value)
                ? Long.toString((long) value)
                : String.format(Locale.ROOT, "%.4g", value).replaceAll("0+$", "");
    }
}
