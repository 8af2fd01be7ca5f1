/** The counts so far. */
export class Tally {
  /** By file name extension, with its dot: `{ files, lines, bytes }`. */
  extensions = new Map();
  text = { files: 0, lines: 0, bytes: 0 };
  binary = { files: 0, bytes: 0 };
  /** Files that could not be read, by the code of the error. */
  unreadable = new Map();
  /** Entries that the walk had to skip, such as directories without permission. */
  unlisted = 0;

  addText(extension, lines, bytes) {
    let row = this.extensions.get(extension);
    if (row === undefined) {
      row = { files: 0, lines: 0, bytes: 0 };
      this.extensions.set(extension, row);
    }
    for (const sum of [row, this.text]) {
      sum.files += 1;
      sum.lines += lines;
      sum.bytes += bytes;
    }
  }

  addBinary(bytes) {
    this.binary.files += 1;
    this.binary.bytes += bytes;
  }

  addUnreadable(code) {
    this.unreadable.set(code, (this.unreadable.get(code) ?? 0) + 1);
  }
}
