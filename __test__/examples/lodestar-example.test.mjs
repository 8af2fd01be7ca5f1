// Runs the example of a main thread, its network worker and a peer as a user runs it.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { runProgram } from '../support/child.mjs';

const example = join('examples', 'lodestar', 'main.mjs');

/** The newest block of a node. */
const HEAD = 1_000_000;

/** The most blocks ahead: far fewer than were requested, and more than are read before the end is reported. */
const MOST_AHEAD = HEAD / 10;

async function runExample(...args) {
  const { code, signal, stdout, stderr } = await runProgram([example, ...args]);
  assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' });
  const [report, metrics] = stdout.split('\n\n');
  const lines = report.trimEnd().split('\n');
  return { report: Object.fromEntries(lines.map((line) => line.split(/ {2,}/))), metrics };
}

/** Returns the numbers in a line of the report. */
const numbersOf = (line) => line.match(/\d+/g).map(Number);

describe('the example of a network worker', () => {
  it('exchanges blocks in both directions, and every thread hears how requests end', async () => {
    const { report, metrics } = await runExample('--blocks', '100');
    assert.equal(metrics, undefined);
    assert.equal(report['fetched from the peer'], '100 of 100 blocks, all valid');
    assert.equal(report['served to the peer'], '100 of 100 blocks, all valid');
    assert.match(report.throughput, /^\d+ MB\/s$/);

    const [first, held, head] = numbersOf(report.pausing);
    assert.equal(head, HEAD);
    assert.ok(held >= first && held < MOST_AHEAD, report.pausing);
    assert.equal(report['going on'], `${2 * held} more blocks, all valid`);

    for (const label of ['leaving the peer', 'left by the peer']) {
      const [read, sent] = numbersOf(report[label]);
      assert.ok(sent >= read && sent < MOST_AHEAD, report[label]);
    }

    assert.equal(report['failing peer'], 'ERR_UNKNOWN_BLOCK after 8 blocks');
    // The peer's system determines whether a connection is closed or reset.
    assert.match(
      report['terminated network'],
      /^ERR_PRODUCER_TERMINATED here, (ERR_PEER_LEFT|ECONNRESET) at the peer$/,
    );
    assert.equal(report['requests to the peer'], '5 begun, 5 ended');
    assert.equal(report['requests to the node'], '3 begun, 3 ended');
  });

  it('prints what was measured of the buses, if asked to', async () => {
    const { metrics } = await runExample('--blocks', '1', '--metrics');
    for (const bus of ['incoming', 'outgoing', 'peer']) {
      assert.ok(
        metrics.includes(`async_iterable_bridge_requests_pending{bus="lodestar.${bus}"} 0`),
        metrics,
      );
    }
  });

  it('refuses other arguments', async () => {
    for (const args of [['--blocks', 'many'], ['--block']]) {
      const { code, stdout, stderr } = await runProgram([example, ...args]);
      assert.deepEqual({ code, stdout }, { code: 1, stdout: '' });
      assert.match(stderr, /^lodestar: .*--block/);
    }
  });
});
