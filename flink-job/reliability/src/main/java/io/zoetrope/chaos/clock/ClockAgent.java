package io.zoetrope.chaos.clock;

import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.nio.file.Path;
import java.security.ProtectionDomain;
import org.apache.flink.shaded.asm9.org.objectweb.asm.ClassReader;
import org.apache.flink.shaded.asm9.org.objectweb.asm.ClassVisitor;
import org.apache.flink.shaded.asm9.org.objectweb.asm.ClassWriter;
import org.apache.flink.shaded.asm9.org.objectweb.asm.MethodVisitor;
import org.apache.flink.shaded.asm9.org.objectweb.asm.Opcodes;
import org.jspecify.annotations.Nullable;

/**
 * A Java agent that shifts the wall clock of a process for the job, Flink and the Kafka clients. The library libfaketime
 * would do this for the whole process, but with it timed waits of a JVM return at once. Elapsed time stays correct, as
 * it does when an operator sets the clock of a machine.
 */
public final class ClockAgent {
    private ClockAgent() {}

    /** Is called by the JVM before the main method. */
    public static void premain(@Nullable String arguments, Instrumentation instrumentation) {
        ShiftedClock.follow(Path.of(System.getProperty(ShiftedClock.FILE, "")));
        instrumentation.addTransformer(new Calls());
    }

    /** Replaces the calls in every class of the class path. */
    private static final class Calls implements ClassFileTransformer {
        @Override
        public byte @Nullable [] transform(
                @Nullable ClassLoader loader,
                String name,
                @Nullable Class<?> redefined,
                @Nullable ProtectionDomain domain,
                byte[] bytes) {
            if (loader != ClassLoader.getSystemClassLoader()
                    || name.startsWith("io/zoetrope/chaos/clock/")
                    || name.startsWith("org/apache/flink/shaded/asm9/")) {
                return null;
            }
            ClassReader reader = new ClassReader(bytes);
            ClassWriter writer = new ClassWriter(reader, 0);
            reader.accept(new Classes(writer), 0);
            return writer.toByteArray();
        }
    }

    private static final class Classes extends ClassVisitor {
        Classes(ClassWriter writer) {
            super(Opcodes.ASM9, writer);
        }

        @Override
        public @Nullable MethodVisitor visitMethod(
                int access, String name, String descriptor, @Nullable String signature, String @Nullable [] thrown) {
            MethodVisitor method = super.visitMethod(access, name, descriptor, signature, thrown);
            return method == null ? null : new Methods(method);
        }
    }

    private static final class Methods extends MethodVisitor {
        private static final String CLOCK = "io/zoetrope/chaos/clock/ShiftedClock";

        Methods(MethodVisitor method) {
            super(Opcodes.ASM9, method);
        }

        @Override
        public void visitMethodInsn(int opcode, String owner, String name, String descriptor, boolean isInterface) {
            String call = owner + "." + name + descriptor;
            boolean replaced = opcode == Opcodes.INVOKESTATIC
                    && switch (call) {
                        case "java/lang/System.currentTimeMillis()J",
                                "java/time/Instant.now()Ljava/time/Instant;",
                                "java/time/InstantSource.system()Ljava/time/InstantSource;" -> true;
                        default -> false;
                    };
            if (replaced) {
                super.visitMethodInsn(opcode, CLOCK, name, descriptor, false);
            } else {
                super.visitMethodInsn(opcode, owner, name, descriptor, isInterface);
            }
        }
    }
}
