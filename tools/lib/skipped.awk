# Reads surefire's and failsafe's XML reports: counts, and each skipped test with its reason.
function attribute(name, text) {
  if (!match(text, " " name "=\"[^\"]*\"?")) return ""
  text = substr(text, RSTART + length(name) + 3, RLENGTH - length(name) - 3)
  sub(/"$/, "", text)
  gsub(/&#10;.*/, "", text)
  gsub(/&quot;/, "\"", text); gsub(/&apos;/, "'", text)
  gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text); gsub(/&amp;/, "\\&", text)
  return text
}
/<testcase / {
  name = attribute("name", $0)
  class = attribute("classname", $0)
  sub(/.*\./, "", class)
  tests++
}
/<(failure|error)[ >]/ { failures++ }
/<skipped/ {
  skips++
  reason = attribute("message", $0)
  if (reason == "" && match($0, /CDATA\[[A-Za-z0-9.$]*: /)) reason = substr($0, RSTART + RLENGTH)
  sub(/^Assumption failed: /, "", reason)
  skipped[skips] = "  " class "." name ": " (reason == "" ? "no reason given" : reason)
}
END {
  printf "%d passed, %d failed, %d skipped\n", tests - failures - skips, failures, skips
  for (i = 1; i <= skips; i++) print skipped[i]
}
