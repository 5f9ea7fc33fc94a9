package io.zoetrope.tensorrt;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.cuda.cublas.cublasContext;
import org.bytedeco.cuda.cudart.CUgraphExec_st;
import org.bytedeco.cuda.cudart.CUgraph_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.cudart.cudaDeviceProp;
import org.bytedeco.cuda.global.cublas;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/** Passes the calls on to CUDA's runtime and to cuBLAS. */
final class BytedecoCuda implements Cuda {
    /** The handles of cuBLAS, one for each stream. */
    private final Map<Long, cublasContext> arithmetic = new ConcurrentHashMap<>();
    /** The page-locked memory, by its address. The address of a direct buffer is that of its first byte. */
    private final Map<Long, Pointer> pinned = new ConcurrentHashMap<>();

    private static CUstream_st stream(long stream) {
        return new CUstream_st(new Address(stream));
    }

    @Override
    public int deviceCount() {
        int[] count = new int[1];
        check(cudart.cudaGetDeviceCount(count), "cudaGetDeviceCount");
        return count[0];
    }

    @Override
    public Gpu describe(int device) {
        try (cudaDeviceProp properties = new cudaDeviceProp()) {
            check(cudart.cudaGetDeviceProperties(properties, device), "cudaGetDeviceProperties");
            return new Gpu(properties.name().getString(), properties.major(), properties.minor());
        }
    }

    @Override
    public void use(int device) {
        check(cudart.cudaSetDevice(device), "cudaSetDevice");
    }

    @Override
    public long createStream() {
        CUstream_st created = new CUstream_st();
        check(cudart.cudaStreamCreateWithFlags(created, cudart.cudaStreamNonBlocking), "cudaStreamCreate");
        cublasContext handle = new cublasContext();
        checkBlas(cublas.cublasCreate_v2(handle), "cublasCreate");
        checkBlas(cublas.cublasSetStream_v2(handle, created), "cublasSetStream");
        arithmetic.put(created.address(), handle);
        return created.address();
    }

    @Override
    public void destroyStream(long stream) {
        cublasContext handle = arithmetic.remove(stream);
        if (handle != null) {
            checkBlas(cublas.cublasDestroy_v2(handle), "cublasDestroy");
        }
        check(cudart.cudaStreamDestroy(stream(stream)), "cudaStreamDestroy");
    }

    @Override
    public void synchronize(long stream) {
        check(cudart.cudaStreamSynchronize(stream(stream)), "cudaStreamSynchronize");
    }

    @Override
    public long allocate(long bytes) {
        Pointer allocated = new Pointer();
        check(cudart.cudaMalloc(allocated, bytes), "cudaMalloc of " + bytes + " bytes");
        return allocated.address();
    }

    @Override
    public void free(long address) {
        check(cudart.cudaFree(new Address(address)), "cudaFree");
    }

    @Override
    public ByteBuffer allocatePinned(int bytes) {
        BytePointer allocated = new BytePointer();
        check(cudart.cudaMallocHost(allocated, bytes), "cudaMallocHost of " + bytes + " bytes");
        ByteBuffer buffer = allocated.capacity(bytes).asByteBuffer().order(ByteOrder.nativeOrder());
        pinned.put(addressOf(buffer), allocated);
        return buffer;
    }

    private static long addressOf(ByteBuffer buffer) {
        return new BytePointer(buffer).address();
    }

    @Override
    public void freePinned(ByteBuffer buffer) {
        Pointer allocated = Objects.requireNonNull(pinned.remove(addressOf(buffer)), "page-locked memory");
        check(cudart.cudaFreeHost(allocated), "cudaFreeHost");
    }

    @Override
    public void upload(long target, ByteBuffer from, long bytes, long stream) {
        copy(new Address(target), new BytePointer(from), bytes, cudart.cudaMemcpyHostToDevice, stream);
    }

    @Override
    public void download(ByteBuffer to, long source, long bytes, long stream) {
        copy(new BytePointer(to), new Address(source), bytes, cudart.cudaMemcpyDeviceToHost, stream);
    }

    @Override
    public void copy(long target, long source, long bytes, long stream) {
        copy(new Address(target), new Address(source), bytes, cudart.cudaMemcpyDeviceToDevice, stream);
    }

    private static void copy(Pointer target, Pointer source, long bytes, int kind, long stream) {
        check(cudart.cudaMemcpyAsync(target, source, bytes, kind, stream(stream)), "cudaMemcpyAsync");
    }

    @Override
    public void scale(long numbers, long count, float factor, long stream) {
        try (FloatPointer alpha = new FloatPointer(factor)) {
            checkBlas(
                    cublas.cublasSscal_v2_64(handle(stream), count, alpha, new FloatPointer(new Address(numbers)), 1),
                    "cublasSscal");
        }
    }

    @Override
    public void addScaled(long numbers, long others, long count, float factor, long stream) {
        try (FloatPointer alpha = new FloatPointer(factor)) {
            checkBlas(
                    cublas.cublasSaxpy_v2_64(
                            handle(stream),
                            count,
                            alpha,
                            new FloatPointer(new Address(others)),
                            1,
                            new FloatPointer(new Address(numbers)),
                            1),
                    "cublasSaxpy");
        }
    }

    @Override
    public float sumOfMagnitudes(long numbers, long count, long stream) {
        try (FloatPointer sum = new FloatPointer(1)) { // on the host, so cuBLAS waits for it
            checkBlas(
                    cublas.cublasSasum_v2_64(handle(stream), count, new FloatPointer(new Address(numbers)), 1, sum),
                    "cublasSasum");
            return sum.get();
        }
    }

    private cublasContext handle(long stream) {
        return Objects.requireNonNull(arithmetic.get(stream), "stream");
    }

    @Override
    public void beginCapture(long stream) {
        check(
                cudart.cudaStreamBeginCapture(stream(stream), cudart.cudaStreamCaptureModeThreadLocal),
                "cudaStreamBeginCapture");
    }

    @Override
    public long endCapture(long stream) {
        CUgraph_st graph = new CUgraph_st();
        check(cudart.cudaStreamEndCapture(stream(stream), graph), "cudaStreamEndCapture");
        try {
            CUgraphExec_st executable = new CUgraphExec_st();
            check(cudart.cudaGraphInstantiate(executable, graph), "cudaGraphInstantiate");
            return executable.address();
        } finally {
            cudart.cudaGraphDestroy(graph);
        }
    }

    @Override
    public void launch(long graph, long stream) {
        check(cudart.cudaGraphLaunch(new CUgraphExec_st(new Address(graph)), stream(stream)), "cudaGraphLaunch");
    }

    @Override
    public void destroyGraph(long graph) {
        check(cudart.cudaGraphExecDestroy(new CUgraphExec_st(new Address(graph))), "cudaGraphExecDestroy");
    }

    private static void check(int error, String call) {
        if (error != cudart.cudaSuccess) {
            cudart.cudaGetLastError(); // clears it, unless it is one that stays
            String text = cudart.cudaGetErrorName(error).getString() + ": "
                    + cudart.cudaGetErrorString(error).getString();
            throw new CudaFault(call, text, error == cudart.cudaErrorMemoryAllocation);
        }
    }

    private static void checkBlas(int status, String call) {
        if (status != cublas.CUBLAS_STATUS_SUCCESS) {
            throw new CudaFault(call, "cuBLAS status " + status, status == cublas.CUBLAS_STATUS_ALLOC_FAILED);
        }
    }
}
