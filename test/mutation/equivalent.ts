import { readFileSync } from 'node:fs'

interface Equivalent {
  readonly path: string
  /** The changed line of code, or a part of it. */
  readonly code: string
  readonly why: string
}

/** Reviewed changes without an observable effect. Other changes of the same lines need a review. */
const EQUIVALENT: readonly Equivalent[] = [
  { path: 'src/domain/listener.ts', code: 'exists: false', why: 'a state without `exists` does not exist either' },
  { path: 'src/domain/connector.ts', code: 'exists: false', why: 'a state without `exists` does not exist either' },
  {
    path: 'src/event-store/sqlite/read.ts',
    code: 'if (last === undefined || page.length < wanted) {',
    why: 'a full page is followed by an empty one, which ends the read as well',
  },
  {
    path: 'projections/connector-status.ts',
    code: 'if (before?.routingKey === listener.routingKey) return',
    why: 'putting an equal row is no change',
  },
  {
    path: 'projections/router-config/per-target-listeners.ts',
    code: 'if (exposing !== undefined)',
    why: 'putting no row removes it',
  },
  {
    path: 'projections/router-config/per-target-listeners.ts',
    code: 'if (wanted.has(target)) continue',
    why: 'a removed row that is wanted is put back, which is no change',
  },
  {
    path: 'projections/listener-status.ts',
    code: 'if (row === undefined) return',
    why: 'a log has no change of a missing listener',
  },
  {
    path: 'projections/listener-status.ts',
    code: "if (status.get('deleted', key) !== undefined)",
    why: 'removing a missing row is no change',
  },
  { path: 'projections/sites.ts', code: 'if (link !== undefined) state.put', why: 'putting no row removes it' },
  {
    path: 'projections/sites.ts',
    code: "if (event.type === 'RouterUnobserved' && link",
    why: 'other events have no `since`, and so make no gap',
  },
  {
    path: 'projections/sites.ts',
    code: "if (event.type === 'RouterDetached' && state.get",
    why: 'removing a missing row is no change',
  },
  {
    path: 'src/server/graphql/permissions.ts',
    code: '(manifest as {',
    why: 'the GraphQL schema rejects null among the manifests',
  },
]

/** Why a change of this line has no observable effect; undefined if it was not reviewed. */
export const whyEquivalent = (path: string, line: number): string | undefined => {
  const code = readFileSync(path, 'utf8').split('\n')[line - 1] ?? ''
  return EQUIVALENT.find(known => known.path === path && code.includes(known.code))?.why
}
