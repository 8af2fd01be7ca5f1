const ESCAPED = { '\\': '\\\\', '\n': '\\n', '\r': '\\r' };

/** Returns a line of `sha256sum`, which begins with a backslash if the path needs one. */
export function digestLine({ path, digest }) {
  const escaped = path.replace(/[\\\n\r]/g, (character) => ESCAPED[character]);
  const mark = escaped === path ? '' : '\\';
  return `${mark}${digest}  ${escaped}\n`;
}
