package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.config.JobConfig;
import io.zoetrope.config.Setting;
import io.zoetrope.engine.EngineSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.runtime.OperatorIDPair;
import org.apache.flink.runtime.jobgraph.JobVertex;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;

/** Tests which operators Flink runs in one task. */
class VideoPipelineTest {
    @Test
    void answersAreKeptInTheTaskThatWritesAndCommitsThem() {
        Configuration cluster = new Configuration();
        cluster.set(PipelineOptions.OPERATOR_CHAINING, false); // the job overrules it
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(cluster);
        JobConfig config = JobConfig.read(
                List.of(new Setting("bundle", "none", "the test")),
                Optional.empty(),
                List.of("--parallelism", "3", "--bootstrap-servers", "localhost:1"));
        VideoPipeline.assemble(env, config, EngineSet.of(new StubEngines("chain")));

        List<JobVertex> keeping = StreamSupport.stream(
                        env.getStreamGraph().getJobGraph().getVertices().spliterator(), false)
                .filter(vertex -> vertex.getOperatorIDs().stream()
                        .anyMatch(operator -> "keep-until-committed".equals(operator.getUserDefinedOperatorUid())))
                .toList();

        assertThat(keeping).hasSize(1);
        assertThat(keeping.get(0).getParallelism()).isEqualTo(3);
        // From the end of the chain to its start, as Flink notifies operators: the committer is before the keeper.
        assertThat(keeping.get(0).getOperatorIDs())
                .extracting(OperatorIDPair::getUserDefinedOperatorName)
                .containsExactly("publish: Committer", "publish: Writer", "keep until committed");
    }
}
