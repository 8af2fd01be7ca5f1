// Generates the reference of the npm package from its types, in .cache/docs. A warning makes it fail,
// so every export is documented.
//
// TypeDoc needs the compiler's JavaScript interface. TypeScript 7 does not have one, so TypeDoc has
// its own TypeScript.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installPackages } from './install.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

const modules = installPackages('typedoc', ['typedoc@0.28.20', 'typescript@6.0.3']);
const typedoc = join(modules, 'typedoc', 'bin', 'typedoc');
const { status } = spawnSync(process.execPath, [typedoc], { cwd: root, stdio: 'inherit' });
process.exitCode = status ?? 1;
