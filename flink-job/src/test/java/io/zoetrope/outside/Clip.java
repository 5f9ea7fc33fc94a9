package io.zoetrope.outside;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A video file as ffprobe and ffmpeg read it.
 *
 * @param codec the codec's name in FFmpeg
 * @param width the width in pixels
 * @param height the height in pixels
 * @param rate the frames per second, as a fraction
 * @param frames the decoded frames, in order
 */
record Clip(String codec, int width, int height, String rate, List<Frame> frames) {
    /**
     * A decoded frame.
     *
     * @param time the presentation time, in frames from the start of the video
     * @param md5 the MD5 digest of the pixels
     */
    record Frame(int time, String md5) {}

    /**
     * Decodes a whole file.
     *
     * @throws AssertionError if a frame does not decode or a tool writes an error
     */
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
        // One line per frame: stream, dts, pts, duration, size, hash.
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
            throw new AssertionError(file + ": " + tool + " wrote errors: " + command.stderr());
        }
        return command.stdout();
    }
}
