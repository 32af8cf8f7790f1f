package org.larchmq.tck.conformance;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The section of the Jakarta Messaging 3.1 specification that a test proves; on a class, for its tests without one. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
public @interface Section {
    /** Such as "3.5.4". */
    String value();
}
