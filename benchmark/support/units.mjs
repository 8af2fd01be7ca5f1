/** Formats figures as text, in a unit that makes them easy to read. */

const STEPS = {
  'ns per item': [
    [1e9, 's'],
    [1e6, 'ms'],
    [1e3, 'µs'],
    [1, 'ns'],
  ],
  µs: [
    [1e6, 's'],
    [1e3, 'ms'],
    [1, 'µs'],
  ],
  ms: [
    [1e3, 's'],
    [1, 'ms'],
    [1e-3, 'µs'],
  ],
  bytes: [
    [1e6, 'MB'],
    [1e3, 'kB'],
    [1, 'B'],
  ],
  'items per second': [
    [1e6, 'M items/s'],
    [1e3, 'k items/s'],
    [1, 'items/s'],
  ],
  'bytes per second': [
    [1e9, 'GB/s'],
    [1e6, 'MB/s'],
    [1e3, 'kB/s'],
    [1, 'B/s'],
  ],
};

/**
 * @param {number} value
 * @param {keyof typeof STEPS} unit  the unit of the value
 */
export function format(value, unit) {
  const steps = STEPS[unit];
  const [size, name] = steps.find(([size]) => value >= size) ?? steps.at(-1);
  const number = value / size;
  return `${number >= 100 ? number.toFixed(0) : number.toFixed(number >= 10 ? 1 : 2)} ${name}`;
}
