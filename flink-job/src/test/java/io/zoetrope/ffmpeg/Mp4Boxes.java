package io.zoetrope.ffmpeg;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads the boxes of an MP4 that tests check. */
final class Mp4Boxes {
    private Mp4Boxes() {}

    /** Returns the contents of all boxes at a path of box types. */
    static List<ByteBuffer> find(ByteBuffer boxes, String... path) {
        List<ByteBuffer> level = List.of(boxes);
        for (String name : path) {
            List<ByteBuffer> next = new ArrayList<>();
            for (ByteBuffer parent : level) {
                for (int start = 0; start < parent.capacity(); start += parent.getInt(start)) {
                    if (name.equals(type(parent, start))) {
                        next.add(parent.slice(start + 8, parent.getInt(start) - 8));
                    }
                }
            }
            level = next;
        }
        return level;
    }

    /** Returns the fragments after an init segment, each a moof box with its mdat box. */
    static List<ByteBuffer> fragments(ByteBuffer media) {
        List<ByteBuffer> fragments = new ArrayList<>();
        for (int start = 0; start < media.capacity(); ) {
            int moof = media.getInt(start);
            int mdat = media.getInt(start + moof);
            if (!type(media, start).equals("moof") || !type(media, start + moof).equals("mdat")) {
                throw new AssertionError(
                        "expected moof and mdat, got " + type(media, start) + " and " + type(media, start + moof));
            }
            fragments.add(media.slice(start, moof + mdat));
            start += moof + mdat;
        }
        return fragments;
    }

    static ByteBuffer concat(ByteBuffer... parts) {
        int size = 0;
        for (ByteBuffer part : parts) {
            size += part.capacity();
        }
        ByteBuffer whole = ByteBuffer.allocate(size);
        for (ByteBuffer part : parts) {
            whole.put(part.duplicate());
        }
        return whole.flip();
    }

    private static String type(ByteBuffer boxes, int start) {
        byte[] type = new byte[4];
        boxes.get(start + 4, type);
        return new String(type, StandardCharsets.ISO_8859_1);
    }
}
