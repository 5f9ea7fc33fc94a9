package io.zoetrope.cli;

import io.zoetrope.kafka.SecuredBroker;
import io.zoetrope.kafka.TopicCatalog;
import io.zoetrope.kafka.TopicSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/** The table of permissions in docs/security.md. */
final class AclTable {
    /** The prefix of transactional ids that stands for PREFIX in the table. */
    static final String PREFIX = "secured";

    private static final Path FILE = Path.of("../docs/security.md");
    private static final Pattern ROW = Pattern.compile(
            "\\| `(.+?)` \\| (topic|group|transactional id, prefixed) \\| `?(.+?)`? \\| ([A-Z_, ]+) \\|");

    private AclTable() {}

    /**
     * A row of the table.
     *
     * @param user the part, as the name of a user
     * @param kind the kind of resource, in the words of the table
     * @param name the resource's name; {@code each topic} for all topics of the topics file
     * @param operations the allowed operations
     */
    record Row(String user, String kind, String name, List<AclOperation> operations) {
        List<AclBinding> bindings() {
            List<AclBinding> bindings = new ArrayList<>();
            for (ResourcePattern resource : resources()) {
                operations.forEach(operation -> bindings.add(SecuredBroker.allowed(user, resource, operation)));
            }
            return bindings;
        }

        private List<ResourcePattern> resources() {
            return switch (kind) {
                case "topic" ->
                    topics().map(topic -> new ResourcePattern(ResourceType.TOPIC, topic, PatternType.LITERAL))
                            .toList();
                case "group" ->
                    List.of(new ResourcePattern(
                            ResourceType.GROUP, name.replace("PREFIX", PREFIX), PatternType.LITERAL));
                default ->
                    List.of(new ResourcePattern(
                            ResourceType.TRANSACTIONAL_ID, name.replace("PREFIX", PREFIX), PatternType.PREFIXED));
            };
        }

        private Stream<String> topics() {
            return name.equals("each topic")
                    ? TopicCatalog.shipped().topics().stream().map(TopicSpec::name)
                    : Stream.of(name);
        }
    }

    static List<Row> rows() throws IOException {
        List<Row> rows = new ArrayList<>();
        for (String line : Files.readAllLines(FILE)) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                rows.add(new Row(
                        row.group(1).replace(' ', '-').toLowerCase(Locale.ROOT),
                        row.group(2),
                        row.group(3),
                        Stream.of(row.group(4).split(", ", -1))
                                .map(AclOperation::fromString)
                                .toList()));
            }
        }
        return rows;
    }
}
