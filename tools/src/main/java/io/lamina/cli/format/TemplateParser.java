package io.lamina.cli.format;

import io.lamina.cli.format.Template.Action;
import io.lamina.cli.format.Template.Expression;
import io.lamina.cli.format.Template.Field;
import io.lamina.cli.format.Template.If;
import io.lamina.cli.format.Template.Literal;
import io.lamina.cli.format.Template.Part;
import io.lamina.cli.format.Template.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Takes a template's text apart. */
final class TemplateParser {
  private static final int MAX_DEPTH = 100;

  /** A quoted text, a raw text, a bracket, a pipe, or a word. */
  private static final Pattern TOKEN =
      Pattern.compile("\\s*(\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`|[()|]|[^\\s()|\"`]+)");

  private static final Pattern FIELD = Pattern.compile("(?:\\.[A-Za-z_][A-Za-z0-9_]*)+");
  private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,18}");

  private final String text;
  private int at;
  private int depth;

  /**
   * The action that ended the last list of parts: {@code end}, {@code else}, or none at the end.
   */
  private @Nullable String terminator;

  TemplateParser(String text) {
    this.text = text;
  }

  List<Part> all() {
    List<Part> parts = parts();
    if (terminator != null) {
      throw new TemplateException("unexpected {{" + terminator + "}}");
    }
    return parts;
  }

  private List<Part> parts() {
    List<Part> parts = new ArrayList<>();
    while (true) {
      int open = text.indexOf("{{", at);
      if (open < 0) {
        parts.add(new Literal(text.substring(at)));
        at = text.length();
        terminator = null;
        return parts;
      }
      boolean trimsBefore = text.startsWith("{{- ", open);
      String before = text.substring(at, open);
      parts.add(new Literal(trimsBefore ? before.stripTrailing() : before));
      String action = action(open + (trimsBefore ? 3 : 2));
      String word = action.split("\\s+", 2)[0];
      if (word.equals("end") || word.equals("else")) {
        terminator = action;
        return parts;
      }
      if (!action.startsWith("/*")) {
        parts.add(part(word, action));
      }
    }
  }

  /** What stands between the braces; goes on behind them. */
  private String action(int from) {
    int close = text.indexOf("}}", from);
    if (close < 0) {
      throw new TemplateException("unclosed action: {{" + text.substring(from));
    }
    boolean trimsAfter = text.startsWith(" -", close - 2) && close - 2 >= from;
    String action = text.substring(from, trimsAfter ? close - 2 : close).strip();
    at = close + 2;
    while (trimsAfter && at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
    if (action.isEmpty()) {
      throw new TemplateException("missing value for command: {{}}");
    }
    return action;
  }

  private Part part(String word, String action) {
    return switch (word) {
      case "if" -> {
        Expression condition = expression(action.substring(word.length()));
        yield new If(condition, block(), otherwise());
      }
      case "range" -> {
        Expression what = expression(action.substring(word.length()));
        yield new Range(what, block(), otherwise());
      }
      case "with", "template", "define", "block", "break", "continue" ->
          throw new TemplateException("{{" + word + "}} is not supported");
      default -> new Action(expression(action));
    };
  }

  private List<Part> block() {
    if (++depth > MAX_DEPTH) {
      throw new TemplateException("nested too deep");
    }
    List<Part> parts = parts();
    depth--;
    return parts;
  }

  private List<Part> otherwise() {
    if (terminator == null) {
      throw new TemplateException("unexpected end, {{end}} is missing");
    }
    if (terminator.equals("end")) {
      return List.of();
    }
    String condition = terminator.substring("else".length()).strip();
    if (condition.startsWith("if ")) {
      return List.of(part("if", condition)); // its {{end}} is that of the whole
    }
    List<Part> parts = block();
    if (!"end".equals(terminator)) {
      throw new TemplateException("{{end}} is missing after {{else}}");
    }
    return parts;
  }

  private static Expression expression(String text) {
    List<String> tokens = new ArrayList<>();
    Matcher token = TOKEN.matcher(text);
    int end = 0;
    while (token.find() && token.start() == end) {
      tokens.add(token.group(1));
      end = token.end();
    }
    if (!text.substring(end).isBlank()) {
      throw new TemplateException("can't read {{" + text.strip() + "}}");
    }
    int[] next = {0};
    Expression whole = pipeline(tokens, next, 0);
    if (next[0] < tokens.size()) {
      throw new TemplateException("unexpected " + tokens.get(next[0]));
    }
    return whole;
  }

  private static Expression pipeline(List<String> tokens, int[] next, int depth) {
    if (depth > MAX_DEPTH) {
      throw new TemplateException("nested too deep");
    }
    Expression piped = null;
    do {
      piped = command(tokens, next, piped, depth);
    } while (next[0] < tokens.size() && tokens.get(next[0]).equals("|") && ++next[0] > 0);
    return piped;
  }

  private static Expression command(
      List<String> tokens, int[] next, @Nullable Expression piped, int depth) {
    if (next[0] == tokens.size()) {
      throw new TemplateException("missing value for command");
    }
    String first = tokens.get(next[0]);
    boolean isCall = Character.isLetter(first.charAt(0)) && !isConstant(first);
    if (!isCall) {
      if (piped != null) {
        throw new TemplateException("can't give a value to " + first);
      }
      return operand(tokens, next, depth);
    }
    next[0]++;
    List<Expression> arguments = new ArrayList<>();
    while (next[0] < tokens.size() && !tokens.get(next[0]).matches("[|)]")) {
      arguments.add(operand(tokens, next, depth));
    }
    if (piped != null) {
      arguments.add(piped);
    }
    return TemplateFunction.call(first, arguments);
  }

  private static boolean isConstant(String token) {
    return token.equals("true") || token.equals("false") || token.equals("nil");
  }

  private static Expression operand(List<String> tokens, int[] next, int depth) {
    String token = tokens.get(next[0]++);
    if (token.equals("(")) {
      Expression inner = pipeline(tokens, next, depth + 1);
      if (next[0] == tokens.size() || !tokens.get(next[0]++).equals(")")) {
        throw new TemplateException("unclosed (");
      }
      return inner;
    } else if (token.equals(".")) {
      return new Field(List.of());
    } else if (FIELD.matcher(token).matches()) {
      return new Field(List.of(token.substring(1).split("\\.", -1)));
    } else if (token.startsWith("`")) {
      return constant(token.substring(1, token.length() - 1));
    } else if (token.startsWith("\"")) {
      return constant(unquoted(token));
    } else if (NUMBER.matcher(token).matches()) {
      return constant(Long.parseLong(token));
    } else if (isConstant(token)) {
      return constant(token.equals("nil") ? null : Boolean.valueOf(token));
    } else if (token.startsWith("$")) {
      throw new TemplateException("variables are not supported: " + token);
    }
    throw new TemplateException("can't read " + token);
  }

  private static Expression constant(@Nullable Object value) {
    return dot -> value;
  }

  private static String unquoted(String token) {
    return token.substring(1, token.length() - 1).replace("\\\"", "\"").replace("\\\\", "\\");
  }
}
