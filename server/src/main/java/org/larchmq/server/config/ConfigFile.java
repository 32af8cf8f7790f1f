package org.larchmq.server.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A YAML file as a flat list of dotted names, each with its text and its line. Sections may be nested
 * ({@code network: {port: 5680}}) or written out ({@code network.port: 5680}). Nothing is constructed from the file but
 * text: a tag has no effect.
 */
final class ConfigFile {
    /** A value as it stands in the file. */
    record Entry(String text, Origin origin) {}

    private final Path file;
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    private ConfigFile(Path file) {
        this.file = file;
    }

    /** @throws ConfigException when the file cannot be read or is not such a list */
    static Map<String, Entry> read(Path file) {
        ConfigFile reading = new ConfigFile(file);
        try {
            Optional<Node> root = new Compose(LoadSettings.builder().build()).composeString(Files.readString(file));
            if (root.isPresent() && !isNothing(root.get())) reading.section("", root.get());
        } catch (NoSuchFileException e) {
            throw new ConfigException("the configuration file " + file + " does not exist");
        } catch (CharacterCodingException e) {
            throw new ConfigException("the configuration file " + file + " is not UTF-8 text");
        } catch (IOException e) {
            throw new ConfigException("the configuration file " + file + " cannot be read: " + e.getMessage());
        } catch (MarkedYamlEngineException e) {
            throw new ConfigException(reading.at(e.getProblemMark()) + ": not valid YAML: " + e.getProblem());
        } catch (YamlEngineException e) {
            throw new ConfigException(file + ": not valid YAML: " + e.getMessage());
        }
        return reading.entries;
    }

    private void section(String prefix, Node node) {
        if (!(node instanceof MappingNode mapping)) {
            String what = prefix.isEmpty() ? "the file" : "'" + prefix.substring(0, prefix.length() - 1) + "'";
            throw new ConfigException(at(node.getStartMark()) + ": " + what + " must be a list of 'name: value' lines");
        }
        for (NodeTuple tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                throw new ConfigException(at(tuple.getKeyNode().getStartMark()) + ": a name must be plain text");
            }
            entry(prefix + key.getValue(), key, tuple.getValueNode());
        }
    }

    private void entry(String name, ScalarNode key, Node value) {
        Origin origin = at(key.getStartMark());
        boolean isSection =
                SettingKeys.all().stream().anyMatch(known -> known.section().equals(name));
        if (isSection) {
            if (!isNothing(value)) section(name + ".", value); // a section whose lines are all comments is fine
            return;
        }
        if (SettingKeys.find(name).isEmpty()) throw SettingKeys.unknown(name, origin);
        if (!(value instanceof ScalarNode scalar)) {
            throw new ConfigException(origin + ": " + name + " must be a single value");
        }
        if (isNothing(value)) throw new ConfigException(origin + ": " + name + " has no value");
        Entry earlier = entries.put(name, new Entry(scalar.getValue(), origin));
        if (earlier != null) {
            throw new ConfigException(origin + ": " + name + " stands at " + earlier.origin() + " already");
        }
    }

    private static boolean isNothing(Node node) {
        return Tag.NULL.equals(node.getTag());
    }

    private Origin at(Optional<Mark> mark) {
        return Origin.line(file, mark.map(Mark::getLine).orElse(0) + 1);
    }
}
