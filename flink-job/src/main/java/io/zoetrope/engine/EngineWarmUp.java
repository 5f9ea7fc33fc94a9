package io.zoetrope.engine;

import io.zoetrope.decode.Frames;
import io.zoetrope.generate.Latents;
import io.zoetrope.hosting.HeldLanes;
import io.zoetrope.hosting.Model;
import io.zoetrope.hosting.SamplingInput;
import io.zoetrope.image.FirstFrame;
import io.zoetrope.lane.Dispatch;
import io.zoetrope.lane.Served;
import io.zoetrope.lane.Ticket;
import io.zoetrope.prompt.RequestId;
import io.zoetrope.text.TextEmbedding;
import io.zoetrope.text.Tokens;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The run of one prompt through all stages of an engine before its first request. It measures the batch size of each
 * stage for the usual shape.
 *
 * @param lanes the engine's lanes
 * @param images reads and encodes first frames, if the model accepts them
 * @param requests the engine's requests; the warm-up is one of them
 */
record EngineWarmUp(Model model, HeldLanes lanes, Optional<FirstFrames> images, RequestsInFlight requests) {
    private static final RequestId WARM_UP = new RequestId("warm-up");

    /** Runs the prompt, unless an earlier engine has warmed up these lanes. */
    void run() throws Exception {
        if (lanes.isWarmedUp()) {
            return;
        }
        Dispatch<Tokens, TextEmbedding> text = lanes.text();
        Dispatch<SamplingInput, Latents> generate = lanes.generate();
        Dispatch<Latents, Frames> decode = lanes.decode();
        Tokens tokens = model.tokenizer().tokenize(WARM_UP.value());
        Ticket ticket = requests.enter(WARM_UP, Optional.empty(), Duration.ZERO);
        CompletionStage<Optional<Served<FirstFrame>>> image =
                ticket.admitted().thenCompose(admitted -> blankFirstFrame(ticket));
        // One after the other, so that a measurement has the device to itself.
        CompletionStage<Served<TextEmbedding>> embedded = image.thenCompose(encoded -> text.warm(tokens, ticket))
                .thenCompose(warm -> text.submit(tokens, ticket));
        HeldLanes.awaitResult(Conditioning.combine(image, embedded)
                .thenCompose(encoded -> AsyncResource.using(encoded, conditioning -> {
                    SamplingInput input = new SamplingInput(
                            conditioning.condition(), 0, model.defaultSteps(), model.latentShape(model.defaultShape()));
                    return generate.warm(input, ticket).thenCompose(warm -> generate.submit(input, ticket));
                }))
                .thenCompose(sampled -> AsyncResource.using(sampled.value(), latents -> decode.warm(latents, ticket)))
                .whenComplete((done, fault) -> requests.leave(ticket))
                .toCompletableFuture());
        lanes.markWarmedUp();
    }

    private CompletionStage<Optional<Served<FirstFrame>>> blankFirstFrame(Ticket ticket) {
        return images.map(firstFrames ->
                        firstFrames.warmUp(model.defaultShape(), ticket).thenApply(Optional::of))
                .orElse(CompletableFuture.completedFuture(Optional.empty()));
    }
}
