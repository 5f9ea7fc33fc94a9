package io.zoetrope.bench.report;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.DoubleStream;

/**
 * A plot for the report.
 *
 * @param file the file name without its extension
 * @param title the title above the plot
 * @param svg the SVG document
 */
public record Plot(String file, String title, String svg) {
    private static final int WIDTH = 640;
    private static final int HEIGHT = 320;
    private static final int LEFT = 64;
    private static final int RIGHT = 16;
    private static final int TOP = 36;
    private static final int BOTTOM = 44;
    private static final int ROW = 22;
    private static final List<String> COLOURS =
            List.of("#2563eb", "#dc2626", "#059669", "#d97706", "#7c3aed", "#475569");

    /**
     * A series of points, which the plot joins by a line.
     *
     * @param name the name in the legend
     * @param x the x values, in rising order
     * @param y the y values, as many as x values
     */
    @SuppressWarnings("ArrayRecordComponent") // series are never compared
    public record Series(String name, double[] x, double[] y) {}

    /**
     * A bar on a row of a timeline.
     *
     * @param row the row's name
     * @param kind the kind of work, which determines the color
     * @param from the start in milliseconds
     * @param to the end in milliseconds
     */
    public record Span(String row, String kind, double from, double to) {}

    /** Creates a line plot. With {@code logarithmic} the x axis has a logarithmic scale. */
    public static Plot lines(
            String file, String title, String xName, String yName, boolean logarithmic, List<Series> series) {
        Axis x = Axis.over(values(series, Series::x), LEFT, WIDTH - RIGHT, logarithmic);
        Axis y = Axis.over(withZero(values(series, Series::y)), HEIGHT - BOTTOM, TOP, false);
        StringBuilder body = new StringBuilder();
        for (double tick : x.ticks()) {
            body.append(line(x.at(tick), TOP, x.at(tick), HEIGHT - BOTTOM, "#e5e7eb"));
            body.append(text(x.at(tick), HEIGHT - BOTTOM + 16, "middle", number(tick)));
        }
        for (double tick : y.ticks()) {
            body.append(line(LEFT, y.at(tick), WIDTH - RIGHT, y.at(tick), "#e5e7eb"));
            body.append(text(LEFT - 6, y.at(tick) + 4, "end", number(tick)));
        }
        body.append(text((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 8, "middle", xName));
        body.append(text(LEFT, TOP - 6, "start", yName));
        for (int i = 0; i < series.size(); i++) {
            body.append(polyline(series.get(i), x, y, colour(i)));
        }
        body.append(legend(series.stream().map(Series::name).toList()));
        return new Plot(file, title, document(HEIGHT, title, body));
    }

    /** Creates a timeline with the given rows, in their order. */
    public static Plot timeline(String file, String title, List<String> rows, List<Span> spans) {
        double end = spans.stream().mapToDouble(Span::to).max().orElse(1);
        int bottom = TOP + rows.size() * ROW;
        Axis x = Axis.over(new double[] {0, end}, LEFT + 40, WIDTH - RIGHT, false);
        List<String> kinds = spans.stream().map(Span::kind).distinct().sorted().toList();
        StringBuilder body = new StringBuilder();
        for (double tick : x.ticks()) {
            body.append(line(x.at(tick), TOP, x.at(tick), bottom, "#e5e7eb"));
            body.append(text(x.at(tick), bottom + 16, "middle", number(tick)));
        }
        for (int i = 0; i < rows.size(); i++) {
            body.append(text(LEFT + 34, TOP + i * ROW + 15, "end", rows.get(i)));
        }
        for (Span span : spans) {
            body.append(String.format(
                    Locale.ROOT,
                    "<rect x=\"%.2f\" y=\"%d\" width=\"%.2f\" height=\"%d\" fill=\"%s\"/>%n",
                    x.at(span.from()),
                    TOP + rows.indexOf(span.row()) * ROW + 3,
                    Math.max(0.2, x.at(span.to()) - x.at(span.from())),
                    ROW - 6,
                    colour(kinds.indexOf(span.kind()))));
        }
        body.append(text((LEFT + WIDTH - RIGHT) / 2.0, bottom + 34, "middle", "milliseconds"));
        body.append(legend(kinds));
        return new Plot(file, title, document(bottom + BOTTOM, title, body));
    }

    private static String legend(List<String> names) {
        StringBuilder legend = new StringBuilder();
        double right = WIDTH - RIGHT;
        for (int i = names.size() - 1; i >= 0; i--) {
            double left = right - 7.2 * names.get(i).length();
            legend.append(String.format(
                    Locale.ROOT,
                    "<rect x=\"%.1f\" y=\"%d\" width=\"10\" height=\"10\" fill=\"%s\"/>%n",
                    left - 14,
                    TOP - 16,
                    colour(i)));
            legend.append(text(left, TOP - 6, "start", names.get(i)));
            right = left - 26;
        }
        return legend.toString();
    }

    private static String document(int height, String title, CharSequence body) {
        return String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\""
                        + " font-size=\"12\">%n<rect width=\"%d\" height=\"%d\" fill=\"white\"/>%n%s%s</svg>%n",
                WIDTH,
                height,
                WIDTH,
                height,
                text(WIDTH / 2.0, 14, "middle", title),
                body);
    }

    private static String polyline(Series series, Axis x, Axis y, String colour) {
        StringBuilder points = new StringBuilder();
        StringBuilder dots = new StringBuilder();
        for (int i = 0; i < series.x().length; i++) {
            double px = x.at(series.x()[i]);
            double py = y.at(series.y()[i]);
            points.append(String.format(Locale.ROOT, "%.1f,%.1f ", px, py));
            dots.append(String.format(
                    Locale.ROOT, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>%n", px, py, colour));
        }
        return String.format(
                        Locale.ROOT,
                        "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>%n",
                        points.toString().strip(),
                        colour)
                + dots;
    }

    private static String line(double x1, double y1, double x2, double y2, String colour) {
        return String.format(
                Locale.ROOT,
                "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>%n",
                x1,
                y1,
                x2,
                y2,
                colour);
    }

    private static String text(double x, double y, String anchor, String text) {
        String safe = text.replace("&", "&amp;").replace("<", "&lt;");
        return String.format(
                Locale.ROOT, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n", x, y, anchor, safe);
    }

    private static String colour(int index) {
        return COLOURS.get(index % COLOURS.size());
    }

    static String number(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : String.format(Locale.ROOT, "%.3g", value);
    }

    private static double[] values(List<Series> series, Function<Series, double[]> axis) {
        return series.stream().map(axis).flatMapToDouble(Arrays::stream).toArray();
    }

    private static double[] withZero(double[] values) {
        return DoubleStream.concat(DoubleStream.of(0), Arrays.stream(values)).toArray();
    }
}
