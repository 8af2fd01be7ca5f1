// The addon of __test__/addon, whose producers follow the instructions of a test.

import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const usualPath = fileURLToPath(new URL('../../.cache/test-addon.node', import.meta.url));

/** The path of the addon. The sanitizers set TEST_ADDON to an instrumented one. */
export const addonPath = process.env.TEST_ADDON ?? usualPath;

export const addon = createRequire(import.meta.url)(addonPath);
