/** JSON as text: laid out anew without being read into numbers, which would change those above 2^53. */

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;
const INDENT = "  ";

/** `text` with one value a line and two spaces a level; null when it is not valid JSON. */
export function tidy(text) {
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  const tokens = text.match(TOKEN) ?? [];
  let depth = 0;
  let laid = "";
  tokens.forEach((token, index) => {
    const isEmpty = (token === "{" && tokens[index + 1] === "}") || (token === "[" && tokens[index + 1] === "]");
    const closesEmpty = (token === "}" && tokens[index - 1] === "{") || (token === "]" && tokens[index - 1] === "[");
    if (token === "{" || token === "[") {
      depth += 1;
      laid += isEmpty ? token : token + line(depth);
    } else if (token === "}" || token === "]") {
      depth -= 1;
      laid += closesEmpty ? token : line(depth) + token;
    } else if (token === ",") laid += token + line(depth);
    else if (token === ":") laid += ": ";
    else laid += token;
  });
  return laid;
}

/** Where `offset` stands in `text`: line and column, both from 1. */
export function placeOf(text, offset) {
  const before = text.slice(0, offset);
  const start = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length, column: offset - start + 1 };
}

/** The offset of a line and column, as near as the text goes. */
export function offsetOf(text, line, column) {
  const lines = text.split("\n");
  const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  return Math.min(before + Math.min(column - 1, lines[line - 1]?.length ?? 0), text.length);
}

function line(depth) {
  return `\n${INDENT.repeat(depth)}`;
}
