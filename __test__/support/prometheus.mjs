// A strict parser of the text format of Prometheus, version 0.0.4.

import assert from 'node:assert/strict';

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/gy;
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\+Inf|[\\d.eE+-]+)$`);
const HELP = new RegExp(`^# HELP (${NAME}) (.+)$`);
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram)$`);

const ESCAPED = { '\\\\': '\\', '\\"': '"', '\\n': '\n' };

const unescaped = (text) => text.replaceAll(/\\[\\"n]/g, (sequence) => ESCAPED[sequence]);

function labelsOf(text = '') {
  const labels = {};
  let read = 0;
  for (const [whole, name, value] of text.matchAll(LABEL)) {
    assert.equal(labels[name], undefined, `a label twice: ${text}`);
    labels[name] = unescaped(value);
    read += whole.length;
  }
  assert.equal(read, text.length, `no labels: ${text}`);
  return labels;
}

const numberOf = (text) => (text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text));

/** Reports whether a sample belongs to a metric. */
function belongs(sample, { name, type }) {
  if (type !== 'histogram') return sample === name;
  return ['_bucket', '_sum', '_count'].some((suffix) => sample === name + suffix);
}

/**
 * @param {string} text
 * @returns {Map<string, { name: string, help: string, type: string,
 *   samples: { name: string, labels: Record<string, string>, value: number }[] }>} by the metrics' names
 */
export function parseMetrics(text) {
  const metrics = new Map();
  if (text === '') return metrics;
  assert.ok(text.endsWith('\n'), 'the last line has no end');
  let metric;
  for (const line of text.slice(0, -1).split('\n')) {
    const [help, type, sample] = [HELP, TYPE, SAMPLE].map((pattern) => pattern.exec(line));
    if (help !== null) {
      const [, name] = help;
      assert.ok(!metrics.has(name), `${name} comes twice`);
      metric = { name, help: help[2], type: undefined, samples: [] };
      metrics.set(name, metric);
    } else if (type !== null) {
      assert.deepEqual([metric.name, metric.type], [type[1], undefined], line);
      [, , metric.type] = type;
    } else {
      assert.notEqual(sample, null, `no sample: ${line}`);
      const [, name, labels, value] = sample;
      assert.ok(belongs(name, metric), `${name} is none of ${metric.name}`);
      metric.samples.push({ name, labels: labelsOf(labels), value: numberOf(value) });
    }
  }
  return metrics;
}

/** Returns the value of the one sample that has exactly these labels; 0 if there is none yet. */
export function sampleOf(metrics, name, labels) {
  const values = [...metrics.values()].flatMap(({ samples }) =>
    samples
      .filter((sample) => sample.name === name && sameLabels(sample.labels, labels))
      .map(({ value }) => value),
  );
  assert.ok(values.length <= 1, `${name} comes twice`);
  return values[0] ?? 0;
}

function sameLabels(one, other) {
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length && names.every((name) => one[name] === other[name])
  );
}

/** Returns the buckets of a histogram by the label `bus`: `{ le, value }`, in order. */
export function bucketsOf(metrics, name, bus) {
  return metrics
    .get(name)
    .samples.filter((sample) => sample.name === `${name}_bucket` && sample.labels.bus === bus)
    .map(({ labels, value }) => ({ le: numberOf(labels.le), value }));
}
