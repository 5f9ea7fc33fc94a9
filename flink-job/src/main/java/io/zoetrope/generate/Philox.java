package io.zoetrope.generate;

/**
 * Philox 4x32-10 of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (2011): a bijection of a 128-bit
 * counter under a 64-bit key. It has no state, so any block can be computed at any time, in any language, on any
 * device.
 */
final class Philox {
    private static final int ROUNDS = 10;
    private static final long MULTIPLIER_0 = 0xD2511F53L;
    private static final long MULTIPLIER_1 = 0xCD9E8D57L;
    /** The golden ratio and, below, sqrt(3) - 1: the steps of the key in the paper's Weyl sequence. */
    private static final int WEYL_0 = 0x9E3779B9;

    private static final int WEYL_1 = 0xBB67AE85;
    private static final long UINT32 = 0xFFFFFFFFL;

    private Philox() {}

    /** Replaces the counter, four unsigned 32-bit words, by four random words. */
    static void permute(int[] block, int key0, int key1) {
        for (int round = 0; round < ROUNDS; round++) {
            long product0 = MULTIPLIER_0 * (block[0] & UINT32);
            long product1 = MULTIPLIER_1 * (block[2] & UINT32);
            block[0] = (int) (product1 >>> 32) ^ block[1] ^ (key0 + round * WEYL_0);
            block[1] = (int) product1;
            block[2] = (int) (product0 >>> 32) ^ block[3] ^ (key1 + round * WEYL_1);
            block[3] = (int) product0;
        }
    }
}
