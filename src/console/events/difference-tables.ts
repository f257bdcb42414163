import type { StateChangeFragment } from '../api/generated.ts'
import { attributeDifferences, type Difference, stateDifferences } from './difference.ts'

export interface DifferenceTable {
  readonly caption: string
  readonly rows: readonly Difference[]
}

/**
 * What an event changed in the status of listeners and in the configuration of the router.
 *
 * @param listener only this listener of the namespace
 */
export const tablesOf = (change: StateChangeFragment, listener?: string): readonly DifferenceTable[] =>
  [
    ...change.listeners
      .filter(({ name }) => listener === undefined || name === listener)
      .map(({ name, before, after }) => ({
        caption: `Listener ${name}`,
        rows: stateDifferences(before ?? null, after ?? null),
      })),
    ...change.added.map(({ type, name, attributes }) => ({
      caption: `Router configuration: ${type} ${name} added`,
      rows: attributeDifferences(undefined, attributes),
    })),
    ...change.removed.map(({ type, name, attributes }) => ({
      caption: `Router configuration: ${type} ${name} removed`,
      rows: attributeDifferences(attributes, undefined),
    })),
    ...change.changed.map(({ type, name, before, after }) => ({
      caption: `Router configuration: ${type} ${name}`,
      rows: attributeDifferences(before, after),
    })),
  ].filter(({ rows }) => rows.length > 0)
