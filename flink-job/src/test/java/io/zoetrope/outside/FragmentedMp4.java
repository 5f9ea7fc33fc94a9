package io.zoetrope.outside;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A fragmented MP4, split before each moof box (ISO/IEC 14496-12, section 4.2).
 *
 * @param pieces the init segment, followed by the fragments
 */
record FragmentedMp4(List<byte[]> pieces) {
    static FragmentedMp4 of(byte[] file) {
        List<byte[]> pieces = new ArrayList<>();
        int from = 0;
        for (int box = 0; box < file.length; box += ByteBuffer.wrap(file).getInt(box)) {
            if (new String(file, box + 4, 4, StandardCharsets.ISO_8859_1).equals("moof")) {
                pieces.add(Arrays.copyOfRange(file, from, box));
                from = box;
            }
        }
        pieces.add(Arrays.copyOfRange(file, from, file.length));
        return new FragmentedMp4(pieces);
    }

    byte[] init() {
        return pieces.get(0);
    }

    /** Returns the init segment and the last fragment: the bytes that a player receives if it joins a stream late. */
    byte[] lateJoin() {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        joined.writeBytes(init());
        joined.writeBytes(pieces.get(pieces.size() - 1));
        return joined.toByteArray();
    }
}
