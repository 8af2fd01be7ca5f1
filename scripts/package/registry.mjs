// An npm registry that has only the packages of this project, to install them as users do. It is
// reachable from this machine alone.

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename, join } from 'node:path';

/** Returns the registry's answer about a package: https://github.com/npm/registry, "package metadata". */
function metadataOf({ folder, tarball }, address) {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const integrity = createHash('sha512').update(readFileSync(tarball)).digest('base64');
  const dist = { tarball: `${address}/-/${basename(tarball)}`, integrity: `sha512-${integrity}` };
  const { name, version } = manifest;
  const versions = { [version]: { ...manifest, dist } };
  return JSON.stringify({ name, 'dist-tags': { latest: version }, versions });
}

/**
 * Serves the packages of `packAll`.
 *
 * @returns {Promise<{ address: string, requests: string[], close(): void }>} `requests` are the paths
 *   of the requests so far.
 */
export async function startRegistry(packages) {
  const requests = [];
  const server = createServer(({ url }, response) => {
    const path = decodeURIComponent(url).slice(1);
    requests.push(path);
    const address = `http://127.0.0.1:${server.address().port}`;
    const named = packages.find(({ name }) => name === path);
    const packed = packages.find(({ tarball }) => `-/${basename(tarball)}` === path);
    if (named !== undefined) response.end(metadataOf(named, address));
    else if (packed !== undefined) response.end(readFileSync(packed.tarball));
    else response.writeHead(404).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `http://127.0.0.1:${server.address().port}`,
    requests,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
