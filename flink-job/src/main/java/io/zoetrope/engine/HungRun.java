package io.zoetrope.engine;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.lane.HungRunException;

/** The failure of a request on which the model does not end. */
final class HungRun {
    private HungRun() {}

    static RequestException failure(HungRunException hung) {
        return new RequestException(
                FailureCode.INFERENCE_FAILED,
                hung.stage(),
                hung.getMessage() + ", first in its batch and then once more alone on a newly opened session; send"
                        + " another prompt, or raise run-timeout if the model needs longer",
                hung);
    }
}
