package io.zoetrope.tensorrt;

import org.bytedeco.javacpp.Pointer;

/** JavaCPP's pointer to an address that is known as a number. */
final class Address extends Pointer {
    Address(long address) {
        this.address = address;
    }
}
