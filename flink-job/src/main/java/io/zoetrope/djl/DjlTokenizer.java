package io.zoetrope.djl;

import ai.djl.engine.EngineException;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.zoetrope.bundle.BundleException;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.bundle.TokenizerFile;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.NativeLibraryException;
import io.zoetrope.failure.RequestException;
import io.zoetrope.natives.NativeFolder;
import io.zoetrope.prompt.PromptValidator;
import io.zoetrope.text.Tokenizer;
import io.zoetrope.text.Tokens;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The tokenizer of a bundle's {@code tokenizer.json}. Truncation and padding follow the manifest, not that file. */
public final class DjlTokenizer implements Tokenizer, AutoCloseable {
    static {
        // Without this, the library sends usage data to its developers, and downloads other native libraries if it
        // finds a GPU.
        System.setProperty("ai.djl.offline", "true");
    }

    private final HuggingFaceTokenizer tokenizer;
    private final TokenizerFile file;
    private final String model;
    /** The tokens of an empty text. Text that has no others is blank for the model. */
    private final long[] blank;

    private DjlTokenizer(HuggingFaceTokenizer tokenizer, TokenizerFile file, String model) {
        this.tokenizer = tokenizer;
        this.file = file;
        this.model = model;
        this.blank = tokenizer.encode("").getIds();
    }

    /**
     * Loads the tokenizer of a bundle.
     *
     * @throws BundleException if the file is not a tokenizer
     * @throws NativeLibraryException if the library cannot be loaded on this machine
     */
    public static DjlTokenizer open(ModelBundle bundle) {
        TokenizerFile file = bundle.manifest().tokenizer();
        useNativeFolder();
        try {
            HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.newInstance(
                    new ByteArrayInputStream(PlainTextTokenizer.json(bundle.path(file.file()))),
                    Map.of("truncation", "false", "padding", "false"));
            return new DjlTokenizer(tokenizer, file, bundle.manifest().name());
        } catch (EngineException | LinkageError e) {
            throw new NativeLibraryException("the tokenizer", e);
        } catch (JsonProcessingException e) {
            throw fault(bundle, "text that is not JSON, or nested too deep");
        } catch (IOException | RuntimeException e) {
            throw fault(bundle, "the error: " + e.getMessage());
        }
    }

    private static BundleException fault(ModelBundle bundle, String got) {
        return new BundleException(
                bundle.directory(),
                List.of(bundle.manifest().tokenizer().file().file()
                        + ": expected a tokenizer in Hugging Face's format, got " + got));
    }

    private static void useNativeFolder() {
        try {
            NativeFolder.use("ENGINE_CACHE_DIR", "djl");
        } catch (RuntimeException e) {
            throw new NativeLibraryException("the tokenizer", e);
        }
    }

    @Override
    public Tokens tokenize(String prompt) {
        long[] ids = tokenizer.encode(cleaned(prompt)).getIds();
        if (Arrays.equals(ids, blank)) {
            throw PromptValidator.blank(prompt);
        }
        if (ids.length > file.maxTokens()) {
            throw new RequestException(
                    FailureCode.PROMPT_TOO_LONG,
                    "text",
                    "prompt: " + model + " reads at most " + file.maxTokens() + " tokens, this one has " + ids.length
                            + "; shorten it");
        }
        return new Tokens(
                LongBuffer.wrap(Arrays.copyOf(ids, Math.toIntExact(file.paddedLength(ids.length)))), ids.length);
    }

    private String cleaned(String prompt) {
        return switch (file.cleaning()) {
            case NONE -> prompt;
            case WEB_TEXT -> WebText.clean(prompt);
        };
    }

    /** Frees the tokenizer. The caller makes sure that no other call is running or follows. */
    @Override
    public void close() {
        tokenizer.close();
    }
}
