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
    path: 'projections/tls-profiles.ts',
    code: 'if (!wholeBundle.endsWith(SUFFIX)) return',
    why: 'no CA profile has such a name',
  },
  {
    path: 'projections/shared/match-status.ts',
    code: 'if (resource === undefined) return',
    why: 'a log has no change of a missing resource',
  },
  {
    path: 'projections/sites.ts',
    code: "if (state.get('undeclared', event.data.namespace)",
    why: 'removing a missing row is no change',
  },
  {
    path: 'src/controller/site-state.ts',
    code: "[...configTables().entities.where('namespace', namespace)]",
    why: 'the table has no other entities',
  },
  {
    path: 'src/controller/entities/reconciler.ts',
    code: '.catch(noneIfRefused),',
    why: 'no text has a profile',
  },
  {
    path: 'src/integrity/checkpoints/checkpoint-signer.ts',
    code: 'if (checkpoints.firstEvent !== undefined) return',
    why: 'a log always has the same first event',
  },
  {
    path: 'src/integrity/checkpoints/checkpoint-signer.ts',
    code: 'if (event !== undefined) checkpoints.saveFirstEvent',
    why: 'the introduction of the key precedes it',
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
