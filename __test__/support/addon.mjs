// The addon of __test__/addon, whose producers do what a test tells them to.

import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

export const addonPath = fileURLToPath(new URL('../../.cache/test-addon.node', import.meta.url));

export const addon = createRequire(import.meta.url)(addonPath);
