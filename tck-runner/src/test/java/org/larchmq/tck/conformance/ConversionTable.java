package org.larchmq.tck.conformance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A conversion table as the specification prints it: the marked cells can be read, the others must not. */
public final class ConversionTable {
    private ConversionTable() {}

    /** One cell: what was written as the row can, or cannot, be read as the column. */
    public record Cell(String row, String column, boolean marked) {
        @Override
        public String toString() {
            return row + (marked ? " as " : " not as ") + column;
        }
    }

    /** @param text a line of column names, then lines of a row name and X or - for each column */
    public static List<Cell> cells(String text) {
        List<Cell> cells = new ArrayList<>();
        String[] lines = text.strip().split("\n");
        List<String> columns = words(lines[0]);
        for (String line : List.of(lines).subList(1, lines.length)) {
            List<String> words = words(line);
            if (words.size() != columns.size() + 1) throw new IllegalArgumentException("columns are missing: " + line);
            for (int i = 0; i < columns.size(); i++) {
                cells.add(
                        new Cell(words.get(0), columns.get(i), words.get(i + 1).equals("X")));
            }
        }
        return cells;
    }

    private static List<String> words(String line) {
        return Arrays.asList(line.strip().split("\\s+"));
    }
}
