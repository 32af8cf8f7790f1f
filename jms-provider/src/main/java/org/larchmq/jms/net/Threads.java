package org.larchmq.jms.net;

/** Threads of the client that run nothing of an application, and what may be done in whose threads. */
public final class Threads {
    private static final Class<?> VIRTUAL = virtual();

    private Threads() {}

    private static Class<?> virtual() {
        try {
            return Class.forName("java.lang.BaseVirtualThread");
        } catch (ClassNotFoundException e) {
            return Void.class; // before Java 21 there are none
        }
    }

    /**
     * Makes a thread that keeps nothing of the thread that happens to make it: neither its context class loader nor its
     * inheritable thread-locals, through which an application that was undeployed would stay in memory.
     */
    public static Thread daemon(Runnable work, String name) {
        Thread thread = new Thread(null, work, name, 0, false);
        thread.setDaemon(true);
        thread.setContextClassLoader(null);
        return thread;
    }

    /**
     * Whether this thread may read or write a socket that others use too. A virtual thread may not: the JDK closes the
     * socket under it when it is interrupted there, which would end the connection for everybody.
     */
    static boolean mayUseSocket() {
        return !VIRTUAL.isInstance(Thread.currentThread());
    }
}
