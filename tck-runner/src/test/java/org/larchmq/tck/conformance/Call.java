package org.larchmq.tck.conformance;

/**
 * A method of an API object, with a name for reports.
 *
 * @param <T> the API object
 */
public record Call<T>(String name, Body<T> body) {
    /** May throw anything. */
    @FunctionalInterface
    public interface Body<T> {
        void on(T target) throws Exception;
    }

    public static <T> Call<T> call(String name, Body<T> body) {
        return new Call<>(name, body);
    }

    public void on(T target) throws Exception {
        body.on(target);
    }

    @Override
    public String toString() {
        return name;
    }
}
