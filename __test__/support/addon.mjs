// The addon of __test__/addon, whose producers do what a test tells them to.

import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const usualPath = fileURLToPath(new URL('../../.cache/test-addon.node', import.meta.url));

/** Where it is. The sanitizers put an instrumented one in its place. */
export const addonPath = process.env.TEST_ADDON ?? usualPath;

export const addon = createRequire(import.meta.url)(addonPath);
