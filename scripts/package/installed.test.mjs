// Tests the packages as a user gets them, `npm run test:package`: packed, installed from a registry into
// an empty project that has no Rust, run by every runtime, compiled, bundled and linted.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { installPackages } from '../install.mjs';
import { installRuntime, RUNTIMES } from '../runtimes/list.mjs';
import { excessOf, packAll, report } from './pack.mjs';
import { MAIN_PACKAGE, PLATFORMS, root } from './platforms.mjs';
import { makeProject } from './project.mjs';
import { startRegistry } from './registry.mjs';

const TOOLS = {
  '@arethetypeswrong/cli': '0.18.5',
  '@vercel/nft': '1.11.5',
  esbuild: '0.28.2',
  publint: '0.3.25',
  rollup: '4.68.8',
  webpack: '5.112.2',
};

const LOOP = 'for await (const number of range(0, 3)) process.stdout.write(String(number));';
const PROGRAMS = {
  'esm.mjs': `import { range } from '${MAIN_PACKAGE}';\n${LOOP}\n`,
  'commonjs.cjs': `const { range } = require('${MAIN_PACKAGE}');\n(async () => { ${LOOP} })();\n`,
};
const TYPESCRIPT_PROGRAMS = {
  'typescript.mts': `import { type AsyncIterableBridge, range } from '${MAIN_PACKAGE}';
const numbers: AsyncIterableBridge<number> = range(0, 3);
for await (const number of numbers) process.stdout.write(String(number));\n`,
  'typescript.cts': `import bridge = require('${MAIN_PACKAGE}');
const numbers: bridge.AsyncIterableBridge<number> = bridge.range(0, 3);
(async () => { for await (const number of numbers) process.stdout.write(String(number)); })();\n`,
};

const packages = packAll('packages-to-test', { takesLocal: true });
report(packages);
const main = packages.at(-1);
const registry = await startRegistry(packages);
const project = makeProject();
after(() => {
  registry.close();
  project.remove();
});

/** Returns a program of a package that is installed in the checkout or in .cache. */
function programOf(modules, name, command = name) {
  const folder = join(modules, name);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, typeof bin === 'string' ? bin : bin[command]);
}

const compiler = programOf(join(root, 'node_modules'), 'typescript', 'tsc');

/** Compiles files of the project with the checkout's TypeScript, which users do not need otherwise. */
function compile(name, compilerOptions, files) {
  const strict = { strict: true, skipLibCheck: false, target: 'es2022', types: ['node'] };
  const configuration = { compilerOptions: { ...strict, ...compilerOptions }, files };
  project.write(`${name}.json`, JSON.stringify(configuration));
  return project.run(process.execPath, [compiler, '-p', `${name}.json`]);
}

describe('a tarball', () => {
  it('is no larger than it has to be', () => {
    for (const packed of packages) assert.deepEqual(excessOf(packed, packed.limits), []);
  });

  it('has nothing that a user does not need', () => {
    for (const { name, paths } of packages) {
      const needed =
        name === MAIN_PACKAGE
          ? /^(LICENSE|README\.md|package\.json|index\.(js|mjs|d\.ts|d\.mts)|lib\/.+\.(js|d\.ts)|bin\/.+\.mjs)$/
          : /^(LICENSE|README\.md|package\.json|async-iterable-bridge\.[\w-]+\.node)$/;
      assert.deepEqual(
        paths.filter((path) => !needed.test(path)),
        [],
        name,
      );
    }
  });

  it('says nothing of how the project is built', () => {
    const manifest = JSON.parse(readFileSync(join(main.folder, 'package.json'), 'utf8'));
    for (const field of ['scripts', 'devDependencies', 'dependencies', 'napi', 'private']) {
      assert.equal(manifest[field], undefined, field);
    }
    const optional = PLATFORMS.map(({ manifest: own }) => [own.name, manifest.version]);
    assert.deepEqual(Object.entries(manifest.optionalDependencies), optional);
  });
});

describe('npm install', () => {
  before(async () => {
    await assert.rejects(project.run('cargo', ['--version']), { message: /^cargo/ });
    await project.npm('install', MAIN_PACKAGE, `--registry=${registry.address}`);
  });

  it('brings the addon of this platform, and no other', () => {
    const installed = readdirSync(join(project.folder, 'node_modules', `@${MAIN_PACKAGE}`));
    const fitting = PLATFORMS.filter(({ name }) =>
      name.startsWith(`${process.platform}-${process.arch}`),
    );
    assert.equal(installed.length, 1);
    assert.ok(
      fitting.some(({ name }) => name === installed[0]),
      installed[0],
    );
  });

  it('brings a command', async () => {
    project.write('lines.txt', 'one\ntwo\n');
    const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const command = join('node_modules', MAIN_PACKAGE, Object.values(bin)[0]);
    const output = await project.run(process.execPath, [command, 'lines', 'lines.txt']);
    assert.deepEqual(output.match(/"text":"\w+"/g), ['"text":"one"', '"text":"two"']);
  });

  it('takes the tarballs themselves', async () => {
    const other = makeProject();
    try {
      const installed = readdirSync(join(project.folder, 'node_modules', `@${MAIN_PACKAGE}`));
      const tarballs = packages
        .filter(({ name }) => name === MAIN_PACKAGE || installed.includes(basename(name)))
        .map(({ tarball }) => tarball);
      await other.npm('install', `--registry=${registry.address}`, ...tarballs);
      other.write('program.mjs', PROGRAMS['esm.mjs']);
      assert.equal(await other.run(process.execPath, ['program.mjs']), '012');
    } finally {
      other.remove();
    }
  });

  for (const runtime of RUNTIMES) {
    it(`serves programs of ${runtime.name}`, async () => {
      const binary = installRuntime(runtime);
      for (const [name, text] of Object.entries(PROGRAMS)) {
        project.write(name, text);
        const output = await project.run(binary, [...runtime.run, name]);
        assert.equal(output, '012', name);
      }
    });
  }

  it('says what is missing if optional dependencies are left out', async () => {
    const other = makeProject();
    try {
      await other.npm('install', MAIN_PACKAGE, '--omit=optional', `--registry=${registry.address}`);
      other.write('program.mjs', PROGRAMS['esm.mjs']);
      await assert.rejects(other.run(process.execPath, ['program.mjs']), {
        message: /ERR_ADDON_UNAVAILABLE.*cannot be loaded.*--omit=optional/s,
      });
    } finally {
      other.remove();
    }
  });
});

describe('TypeScript', () => {
  const modules = ['is-exactly.mts', 'esm.mts', 'event-bus.mts', 'channel.mts'];
  const scripts = ['commonjs.cts'];

  before(async () => {
    for (const name of ['@types/node', 'undici-types']) {
      project.link(name, join(root, 'node_modules', name));
    }
    for (const name of [...modules, ...scripts]) {
      project.write(name, readFileSync(join(root, '__test__', 'types', name), 'utf8'));
    }
    const list = `Object.keys(require('${MAIN_PACKAGE}')).map((name) => 'bridge.' + name).join(', ')`;
    const names = (await project.run(process.execPath, ['--print', list])).trim();
    assert.match(names, /^bridge\.\w+, /);
    project.write('names.mts', `import * as bridge from '${MAIN_PACKAGE}';\nvoid [${names}];\n`);
    project.write('names.cts', `import bridge = require('${MAIN_PACKAGE}');\nvoid [${names}];\n`);
  });

  const settings = {
    nodenext: [{ module: 'nodenext' }, [...modules, ...scripts, 'names.mts', 'names.cts']],
    bundler: [{ module: 'preserve', moduleResolution: 'bundler' }, [...modules, 'names.mts']],
    commonjs: [{ module: 'commonjs', moduleResolution: 'bundler' }, [...scripts, 'names.cts']],
  };
  for (const [name, [options, files]] of Object.entries(settings)) {
    it(`finds every exported name with module resolution for ${name}`, async () => {
      await compile(name, { ...options, noEmit: true }, files);
    });
  }

  it('makes programs that run by every runtime', async () => {
    for (const [name, text] of Object.entries(TYPESCRIPT_PROGRAMS)) project.write(name, text);
    const files = Object.keys(TYPESCRIPT_PROGRAMS);
    await compile('programs', { module: 'nodenext', outDir: 'compiled' }, files);
    for (const runtime of RUNTIMES) {
      for (const file of ['typescript.mjs', 'typescript.cjs']) {
        const args = [...runtime.run, join('compiled', file)];
        const output = await project.run(installRuntime(runtime), args);
        assert.equal(output, '012', `${runtime.name}: ${file}`);
      }
    }
  });
});

describe('a bundler', () => {
  const document = readFileSync(join(root, 'docs', 'platforms.md'), 'utf8');
  const fences = document.matchAll(/^```js file=(\S+)\n(.*?)^```$/gms);
  const configurations = Object.fromEntries(Array.from(fences, ([, name, text]) => [name, text]));

  before(() => {
    const installed = installPackages(
      'package-tools',
      Object.entries(TOOLS).map((tool) => tool.join('@')),
    );
    for (const name of ['@vercel/nft', 'esbuild', 'rollup', 'webpack']) {
      project.link(name, join(installed, name));
    }
    for (const [name, text] of Object.entries(configurations)) project.write(name, text);
    project.write('app.mjs', PROGRAMS['esm.mjs']);
  });

  async function runBundle(file) {
    // A bundle must not load its dependencies from the project.
    assert.ok(existsSync(join(project.folder, file)));
    assert.equal(await project.run(process.execPath, [file]), '012');
  }

  it('is esbuild', async () => {
    await project.run(process.execPath, ['esbuild.mjs']);
    await runBundle(join('dist', 'esbuild.mjs'));
  });

  it('is Rollup', async () => {
    const program = programOf(join(project.folder, 'node_modules'), 'rollup');
    await project.run(process.execPath, [program, '--config', 'rollup.config.mjs', '--silent']);
    await runBundle(join('dist', 'rollup.mjs'));
  });

  it('is webpack', async () => {
    project.write(
      'webpack.mjs',
      `import webpack from 'webpack';
      import configuration from './webpack.config.mjs';
      webpack(configuration, (error, stats) => {
        if (error || stats.hasErrors()) throw error ?? new Error(stats.toString());
      });`,
    );
    await project.run(process.execPath, ['webpack.mjs']);
    await runBundle(join('dist', 'webpack.cjs'));
  });

  it("is Next.js' tracing of what a server needs", async () => {
    project.write(
      'trace.mjs',
      `import { nodeFileTrace } from '@vercel/nft';
      import configuration from './next.config.mjs';
      const [name] = configuration.serverExternalPackages;
      const { fileList } = await nodeFileTrace(['app.mjs']);
      console.log(JSON.stringify(Array.from(fileList).filter((file) => file.includes(name))));`,
    );
    const traced = JSON.parse(await project.run(process.execPath, ['trace.mjs']));
    const addon = PLATFORMS.map(({ manifest }) => manifest.main).filter((file) =>
      traced.some((path) => path.endsWith(file)),
    );
    assert.equal(addon.length, 1, traced.join('\n'));
  });
});

describe('a linter of packages', () => {
  const tools = join(root, '.cache', 'package-tools', 'node_modules');

  it('is publint', async () => {
    for (const { tarball } of packages) {
      await project.run(process.execPath, [
        programOf(tools, 'publint'),
        'run',
        tarball,
        '--strict',
      ]);
    }
  });

  it('is attw', async () => {
    const program = programOf(tools, '@arethetypeswrong/cli', 'attw');
    await project.run(process.execPath, [program, main.tarball]);
  });
});
