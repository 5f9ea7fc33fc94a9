package io.zoetrope.outside;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A video file as FFmpeg's own tools see it.
 *
 * @param codec by FFmpeg's name
 * @param width in pixels
 * @param height in pixels
 * @param rate frames a second, as a fraction
 * @param frames each decoded, in order
 */
record Clip(String codec, int width, int height, String rate, List<Frame> frames) {
    /**
     * A decoded frame.
     *
     * @param time of its presentation, counted in frames from the start of the video
     * @param md5 of its pixels
     */
    record Frame(int time, String md5) {}

    /** Decodes a file whole; an {@link AssertionError} if a frame does not decode or a tool has anything to complain of. */
    static Clip of(Path file) {
        JsonNode stream = stream(file);
        return new Clip(
                stream.path("codec_name").asText(),
                stream.path("width").asInt(),
                stream.path("height").asInt(),
                stream.path("avg_frame_rate").asText(),
                frames(file));
    }

    private static JsonNode stream(Path file) {
        String json = read(file, Tool.FFPROBE, "-v error -i FILE -select_streams v -show_entries stream -of json");
        try {
            return new ObjectMapper().readTree(json).path("streams").path(0);
        } catch (IOException e) {
            throw new AssertionError(file + ": ffprobe wrote no JSON: " + json, e);
        }
    }

    private static List<Frame> frames(Path file) {
        List<Frame> frames = new ArrayList<>();
        // One line a frame: stream, dts, pts, duration, size, hash.
        read(
                        file,
                        Tool.FFMPEG,
                        "-nostdin -v error -xerror -copyts -i FILE -map 0:v -fps_mode passthrough -f framemd5 -")
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.split(", *"))
                .forEach(fields -> frames.add(new Frame(Integer.parseInt(fields[2]), fields[5])));
        return frames;
    }

    private static String read(Path file, Tool tool, String arguments) {
        List<String> line = new ArrayList<>(List.of(tool.require().toString()));
        Arrays.stream(arguments.split(" "))
                .map(word -> word.equals("FILE") ? file.toString() : word)
                .forEach(line::add);
        Command command =
                Command.run(Repository.ROOT, line.toArray(String[]::new)).succeeded();
        if (!command.stderr().isEmpty()) {
            throw new AssertionError(file + ": " + tool + " complains: " + command.stderr());
        }
        return command.stdout();
    }
}
