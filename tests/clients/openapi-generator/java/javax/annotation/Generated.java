package javax.annotation;

/** Stands in for the one of jakarta.annotation-api, which only Maven Central has. */
public @interface Generated {
    String value();

    String comments();
}
