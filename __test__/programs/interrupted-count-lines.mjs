// Runs the example behind `npm start`, and sends it a Ctrl-C as soon as it listens for one.

const { once } = process;
process.once = function (name, listener) {
  if (name === 'SIGINT') setImmediate(() => process.kill(process.pid, 'SIGINT'));
  return once.call(this, name, listener);
};

await import('../../examples/count-lines.mjs');
