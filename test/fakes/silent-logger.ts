import type { Logger } from '../../src/lib/logger.ts'

const ignore = (): void => {}

/** Discards everything. */
export const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore, fatal: ignore }
