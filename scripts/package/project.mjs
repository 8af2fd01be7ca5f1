// A user's project, on a machine that has Node and nothing else: no Rust, no compiler.

import { execFile } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { npmCommand } from '../npm.mjs';

const TIME_LIMIT_MILLISECONDS = 120_000;

/** Makes a project in a folder outside the checkout, so that nothing is found in the checkout by chance. */
export function makeProject() {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'async-iterable-bridge-')));
  const programs = join(root, 'bin');
  const folder = join(root, 'project');
  mkdirSync(programs);
  mkdirSync(folder);
  // A symbolic link would lead some programs to the files beside Node itself.
  copyFileSync(process.execPath, join(programs, basename(process.execPath)));
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');

  const project = {
    folder,
    environment: {
      PATH: programs,
      HOME: root,
      NO_COLOR: '1',
      npm_config_cache: join(root, 'cache'),
      ...(process.env.SystemRoot && { SystemRoot: process.env.SystemRoot }),
    },

    write(name, text) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    },

    /** Links a package that is installed elsewhere into the project. */
    link(name, installed) {
      const path = join(folder, 'node_modules', name);
      mkdirSync(dirname(path), { recursive: true });
      symlinkSync(installed, path, 'junction');
    },

    /** Returns the output of a program. Rejects, with all of its output, if the program fails. */
    run(command, args, options) {
      return new Promise((resolve, reject) => {
        const settings = {
          cwd: folder,
          env: project.environment,
          encoding: 'utf8',
          timeout: TIME_LIMIT_MILLISECONDS,
        };
        execFile(command, args, { ...settings, ...options }, (error, stdout, stderr) => {
          if (error === null) resolve(stdout);
          else
            reject(
              new Error(`${basename(command)} ${args.join(' ')}\n${stdout}${stderr}`, {
                cause: error,
              }),
            );
        });
      });
    },

    npm(...args) {
      const { command, args: given, options } = npmCommand([...args, '--no-audit', '--no-fund']);
      // The npm is the same as in the tests, but it starts the project's Node.
      const environment = {
        ...project.environment,
        PATH: command === 'npm' ? process.env.PATH : programs,
      };
      return project.run(command, given, { ...options, env: environment });
    },

    remove() {
      rmSync(root, { recursive: true, force: true });
    },
  };
  return project;
}
