package io.zoetrope.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import org.junit.jupiter.api.Test;

class AnswerLedgerTest {
    private final AnswerLedger ledger = new AnswerLedger();

    @Test
    void aRequestIsAnsweredByItsLastSegmentOrByAFailure() {
        ledger.request("video", "p-0@0");
        ledger.request("failure", "p-0@1");
        ledger.request("half", "p-0@2");
        ledger.request("nothing", "p-0@3");
        ledger.segment(Segments.segment("video", 0, false, "initone"));
        ledger.segment(Segments.segment("video", 1, true, "inittwo"));
        ledger.failure(Segments.failed("failure", "too long"));
        ledger.segment(Segments.segment("half", 0, false, "initone"));

        assertThat(ledger.unanswered()).containsExactly(entry("half", "p-0@2"), entry("nothing", "p-0@3"));
        assertThat(ledger.doubled()).isEmpty();
    }

    @Test
    void aSecondAnswerOfAnyKindIsReported() {
        ledger.segment(Segments.segment("two videos", 0, true, "initone"));
        ledger.segment(Segments.segment("two videos", 0, true, "initone"));
        ledger.segment(Segments.segment("both", 0, true, "initone"));
        ledger.failure(Segments.failed("both", "late"));
        ledger.failure(Segments.failed("two failures", "one"));
        ledger.failure(Segments.failed("two failures", "two"));

        assertThat(ledger.doubled()).containsExactly("both", "two failures", "two videos");
    }

    @Test
    void aRecordWithoutAValidIdIsAnsweredAtItsPosition() {
        ledger.request("zoetrope.prompts-0@0", "zoetrope.prompts-0@0");
        ledger.request("zoetrope.prompts-0@1", "zoetrope.prompts-0@1");
        ledger.failure(Segments.failed(null, "not Avro"));

        assertThat(ledger.unanswered()).containsExactly(entry("zoetrope.prompts-0@1", "zoetrope.prompts-0@1"));
    }

    @Test
    void aRecordAboveALimitIsAnsweredAtItsPositionThoughItHasAnId() {
        ledger.request("too-large", "zoetrope.prompts-0@0");
        ledger.failure(Segments.failed(null, "the record has 800000 headers"));

        assertThat(ledger.unanswered()).isEmpty();
    }

    @Test
    void aRequestThatIsPublishedTwiceIsOneRequest() {
        ledger.request("again", "p-0@0");
        ledger.request("again", "p-0@7");

        assertThat(ledger.requests()).isEqualTo(1);
        assertThat(ledger.unanswered()).containsExactly(entry("again", "p-0@0"));
    }
}
