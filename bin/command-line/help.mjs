export const HELP = `Usage: async-iterable-bridge COMMAND [OPTION...] [ARGUMENT...]

Streams that Rust threads feed, as lines of JSON on standard output.

  lines [FILE]     the lines of a file, as {"line":1,"text":"..."}; without FILE, or for -, those of
                   standard input (not on Windows). Bytes that are not UTF-8 become U+FFFD.
    --base64                 {"line":1,"base64":"..."} instead: the very bytes of the line
    --max-line-bytes NUMBER  fail at a longer line (64 MiB)

  walk [DIR]       everything below a directory (.), as {"path":"...","name":"...","depth":1,"type":"file"}.
                   Bytes of names that are not UTF-8 become U+FFFD.
    --depth NUMBER           levels below DIR to enter (all)
    --gitignore              leave out what git ignores
    --no-hidden              leave out what begins with a dot
    --follow                 follow symbolic links
    --stat                   with "size" and "modified"
    --skip-errors            leave out what cannot be read, and say how much at the end
    --threads NUMBER         threads that walk (as many as there are cores, at most 12)

  of both
    --capacity NUMBER        items that may wait in the queue (1024)
    --max-bytes NUMBER       bytes that may wait in the queue (16 MiB)

  bench [NAME...]  compare with Node's own ways on this machine: lines, walk, range, channel (all)
    --directory DIR          walk this one instead of a temporary tree
    --rounds NUMBER          alternating rounds, of which the median counts (5)

  --help, -h       print this
  --version, -v    print the version

Progress goes to standard error if that is a terminal. The exit code is 0, 1 for what cannot be read, 2 for
wrong usage, or 130 after Ctrl-C. A closed pipe, as of head, ends a command quietly.
`;
