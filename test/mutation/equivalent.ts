import { readFileSync } from 'node:fs'

interface Equivalent {
  readonly path: string
  /** The line of code that is changed, or a part of it. */
  readonly code: string
  readonly why: string
}

/** Changes that were looked at, and of which nothing can be observed. Another change of the same line is to be looked at. */
const EQUIVALENT: readonly Equivalent[] = [
  { path: 'src/domain/listener.ts', code: 'exists: false', why: 'what does not say that it exists does not' },
  { path: 'src/domain/connector.ts', code: 'exists: false', why: 'what does not say that it exists does not' },
  {
    path: 'src/event-store/sqlite/read.ts',
    code: 'if (last === undefined || page.length < wanted) {',
    why: 'a page that is full is followed by an empty one, which ends the reading as well',
  },
  {
    path: 'projections/connector-status.ts',
    code: 'if (before?.routingKey === listener.routingKey) return',
    why: 'an equal row that is put again is no change',
  },
  {
    path: 'projections/router-config/per-target-listeners.ts',
    code: 'if (exposing !== undefined)',
    why: 'to put no row is to remove it',
  },
  {
    path: 'projections/router-config/per-target-listeners.ts',
    code: 'exposes?.target',
    why: 'the index has only entities that expose a target',
  },
  {
    path: 'projections/router-config/per-target-listeners.ts',
    code: 'if (target === undefined || !wanted.has(target))',
    why: 'what is removed and wanted is put back, and that is no change',
  },
  {
    path: 'projections/listener-status.ts',
    code: 'if (row === undefined) return',
    why: 'a log has no change of a listener that is not there',
  },
  {
    path: 'projections/listener-status.ts',
    code: "if (status.get('deleted', key) !== undefined)",
    why: 'to remove a row that is not there is no change',
  },
  { path: 'projections/sites.ts', code: 'if (link !== undefined) state.put', why: 'to put no row is to remove it' },
  {
    path: 'projections/sites.ts',
    code: "if (event.type === 'RouterUnobserved' && link",
    why: 'other events do not say since when no engine watched, and so make no gap',
  },
  {
    path: 'projections/sites.ts',
    code: "if (event.type === 'RouterDetached' && state.get",
    why: 'to remove a row that is not there is no change',
  },
  {
    path: 'src/server/graphql/permissions.ts',
    code: '(manifest as {',
    why: 'the schema lets no null in among the manifests',
  },
]

/** Why a change of this line cannot be observed; undefined where nobody has said so. */
export const whyEquivalent = (path: string, line: number): string | undefined => {
  const code = readFileSync(path, 'utf8').split('\n')[line - 1] ?? ''
  return EQUIVALENT.find(known => known.path === path && code.includes(known.code))?.why
}
