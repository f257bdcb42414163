/** A part of the code, and the tests that are to notice when it changes. */
export interface Area {
  readonly name: string
  /** Globs of the code that is changed. Each matches a file: see areas.test.ts. */
  readonly code: readonly string[]
  /**
   * Globs of the test files that run against each change, one after the other until one fails: the quick ones first, and
   * those that take many seconds not at all where others are to notice the same.
   */
  readonly tests: readonly string[]
  /** Percent of the code that is changed unless `--share` says otherwise: where tests wait for routers, all takes a day. */
  readonly share: number
}

export const AREAS: readonly Area[] = [
  {
    name: 'projections',
    code: ['projections/**/*.ts'],
    tests: ['test/projections/**/*.test.ts', 'test/schemas/upcast.test.ts'],
    share: 25,
  },
  {
    name: 'domain',
    code: ['src/domain/*.ts'],
    tests: ['test/domain/*.test.ts', 'test/engine/commands/apply.test.ts'],
    share: 100,
  },
  {
    name: 'commands',
    code: ['src/engine/commands/*.ts'],
    tests: ['test/engine/commands/*.test.ts', 'test/engine/read-models/{lagging-store,rebuild}.test.ts'],
    share: 25,
  },
  {
    name: 'store',
    code: ['src/event-store/*.ts', 'src/event-store/sqlite/*.ts'],
    tests: [
      'test/event-store/{recent-events,sqlite,shared-reading}.test.ts',
      'test/contract/event-store.sqlite.test.ts',
    ],
    share: 25,
  },
  {
    name: 'controller',
    code: ['src/controller/**/*.ts', 'src/router/**/*.ts'],
    tests: [
      'test/controller/{tcp-probe,bundle,attention,liveness,listener-report,reconciler,credentials,contest}.test.ts',
      'test/controller/{lease,event-writer,configuring,matching}.test.ts',
      'test/router/*.test.ts',
    ],
    share: 5,
  },
  {
    name: 'integrity',
    code: ['src/integrity/**/*.ts'],
    tests: ['test/integrity/*.test.ts', 'test/cli/offline/audit-verify.test.ts'],
    share: 15,
  },
  {
    name: 'authorization',
    code: [
      'src/auth/*.ts',
      'src/server/graphql/{permissions,authorize}.ts',
      'src/server/http/{request-gate,request-origin}.ts',
    ],
    tests: [
      'test/auth/*.test.ts',
      'test/server/{caller,access}.test.ts',
      'test/server/graphql/apply.test.ts',
      'test/cli/offline/token.test.ts',
    ],
    share: 100,
  },
]
