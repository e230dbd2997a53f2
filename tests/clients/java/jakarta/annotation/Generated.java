package jakarta.annotation;

/** What the generated client is marked with; who builds it for use takes jakarta.annotation-api. */
public @interface Generated {
  String[] value() default {};

  String date() default "";

  String comments() default "";
}
