/** A part of the code, and the tests that should detect its changes. */
export interface Area {
  readonly name: string
  /** Globs of the code to change. areas.test.ts checks that each matches a file. */
  readonly code: readonly string[]
  /**
   * Globs of the test files that run against each change, in order until one fails. Slow tests are left out if others
   * should detect the same changes.
   */
  readonly tests: readonly string[]
  /** The default of `--share`, in percent: with tests that wait for routers, all of the code takes a day. */
  readonly share: number
}

export const AREAS: readonly Area[] = [
  {
    name: 'projections',
    code: ['projections/**/*.ts'],
    tests: [
      'test/projections/**/*.test.ts',
      'test/schemas/upcast.test.ts',
      // What the tables declare for the history of their rows.
      'test/engine/history/{observation,past}.test.ts',
    ],
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
    // Without the random commands of two engines, which a busy machine can fail.
    tests: [
      'test/engine/commands/!(random-commands).test.ts',
      'test/engine/read-models/{lagging-store,rebuild}.test.ts',
    ],
    share: 25,
  },
  {
    name: 'store',
    code: ['src/event-store/*.ts', 'src/event-store/sqlite/*.ts'],
    tests: [
      'test/event-store/{read-page,tail-cache,sqlite*,shared-subscription,write-health}.test.ts',
      'test/contract/event-store.sqlite.test.ts',
    ],
    share: 25,
  },
  {
    name: 'controller',
    code: ['src/controller/**/*.ts', 'src/router/**/*.ts'],
    tests: [
      'test/controller/{bundle,liveness,listener-report,resource-reports,site-state,watch-monitor}.test.ts',
      'test/controller/entities/*.test.ts',
      'test/probing/*.test.ts',
      'test/router/*.test.ts',
      'test/controller/{event-writer,lease}.test.ts',
      'test/engine/history/last-watched.test.ts',
      'test/controller/{matching,configuring,driver-conflict,probes,unrouted}.test.ts',
      'test/controller/{observation,outages,certificates,causation}.test.ts',
    ],
    share: 5,
  },
  {
    name: 'integrity',
    code: ['src/integrity/**/*.ts'],
    tests: [
      'test/integrity/{log-verifier,merkle-tree,hash-chained-store,proof,proof-after-rotation,signing}.test.ts',
      'test/integrity/checkpoint-signer.test.ts',
      'test/integrity/{keys,last-checkpoint}.test.ts',
      'test/integrity/{tampering,tampered-log}.test.ts',
    ],
    share: 15,
  },
  {
    name: 'authorization',
    code: [
      'src/auth/*.ts',
      'src/server/graphql/{permissions,plugins/authorization}.ts',
      'src/server/http/{request-gate,request-origin}.ts',
    ],
    tests: [
      'test/auth/*.test.ts',
      'test/server/{request-gate,request-origin}.test.ts',
      'test/server/graphql/{plugins/authorization,apply}.test.ts',
      'test/cli/offline/token.test.ts',
      'test/server/access.test.ts',
    ],
    share: 100,
  },
]
