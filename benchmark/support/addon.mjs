/** The addon of benchmark/addon: every way from Rust to JavaScript. */

import { createRequire } from 'node:module';

export const addon = createRequire(import.meta.url)('../../.cache/benchmark-addon.node');
