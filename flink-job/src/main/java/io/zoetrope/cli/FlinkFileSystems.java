package io.zoetrope.cli;

import org.apache.flink.configuration.ConfigConstants;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.plugin.PluginUtils;

/**
 * Loads Flink's plugins for file systems such as {@code s3://} from the folder in FLINK_PLUGINS_DIR, with the settings of
 * Flink's configuration in the folder FLINK_CONF_DIR. Without the first variable there are local files only.
 */
final class FlinkFileSystems {
    private FlinkFileSystems() {}

    static void load() {
        if (System.getenv(ConfigConstants.ENV_FLINK_PLUGINS_DIR) != null) {
            Configuration settings = GlobalConfiguration.loadConfiguration();
            FileSystem.initialize(settings, PluginUtils.createPluginManagerFromRootFolder(settings));
        }
    }
}
