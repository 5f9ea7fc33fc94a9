package io.zoetrope.tensorrt;

import java.lang.reflect.Method;
import org.bytedeco.javacpp.Pointer;

/**
 * Deletes objects that TensorRT has created. Since TensorRT 10 has no {@code destroy()}, they are deleted by C++'s {@code
 * delete}. JavaCPP has that function for each class, but registers it for objects that Java creates only (javacpp-presets
 * issue 1699). So one unused object of the class is created, and its function is called with the object to delete.
 *
 * @param <T> the class
 */
final class NativeDelete<T extends Pointer> {
    private final Object deallocator;
    private final Method delete;
    private final long function;

    /**
     * Finds the function of a class.
     *
     * @param example an object that Java has created, which is never deleted
     * @throws IllegalStateException if this version of JavaCPP has another way
     */
    NativeDelete(T example) {
        try {
            Method deallocatorOf = Pointer.class.getDeclaredMethod("deallocator");
            deallocatorOf.setAccessible(true);
            deallocator = deallocatorOf.invoke(example.retainReference());
            Method functionOf = deallocator.getClass().getDeclaredMethod("deallocatorAddress");
            functionOf.setAccessible(true);
            function = (long) functionOf.invoke(deallocator);
            delete = deallocator.getClass().getDeclaredMethod("deallocate", long.class, long.class);
            delete.setAccessible(true);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    "JavaCPP: its way to delete an object is not that of 1.5.13; use that version", e);
        }
    }

    /** Deletes an object. */
    void delete(long address) {
        try {
            delete.invoke(deallocator, address, function);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("JavaCPP cannot delete an object", e);
        }
    }
}
