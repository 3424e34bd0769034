package io.lamina.graph;

import java.util.ArrayList;
import java.util.List;

/**
 * Words between blanks; quotes and backslashes, which stay, keep blanks within one, as a shell has
 * them.
 */
final class Words {
  private Words() {}

  static List<String> of(String text) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean isInWord = false;
    char quote = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\' && quote != '\'' && i + 1 < text.length()) {
        word.append(c).append(text.charAt(++i));
        isInWord = true;
      } else if (quote != 0) {
        word.append(c);
        quote = c == quote ? 0 : quote;
      } else if (c == '"' || c == '\'') {
        word.append(c);
        quote = c;
        isInWord = true;
      } else if (Character.isWhitespace(c)) {
        if (isInWord) {
          words.add(word.toString());
        }
        word.setLength(0);
        isInWord = false;
      } else {
        word.append(c);
        isInWord = true;
      }
    }
    if (isInWord) {
      words.add(word.toString());
    }
    return words;
  }
}
