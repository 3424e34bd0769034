package io.lamina.cli.format;

/** A template that is none, asks for what is not there, or for more than is known here. */
public final class TemplateException extends IllegalArgumentException {
  TemplateException(String message) {
    super("template: " + message);
  }
}
