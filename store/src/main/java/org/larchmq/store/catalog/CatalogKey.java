package org.larchmq.store.catalog;

import java.util.Objects;

/** Names a record: an id within a section of at most 64 characters. */
public record CatalogKey(String section, long id) {
    static final int LONGEST_SECTION = 64;

    public CatalogKey {
        Objects.requireNonNull(section, "section");
        if (section.isEmpty() || section.length() > LONGEST_SECTION) {
            throw new IllegalArgumentException("section must have 1 to 64 characters: " + section);
        }
    }
}
