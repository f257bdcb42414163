/** A part of the code, and the tests that are to notice when it changes. */
export interface Area {
  readonly name: string
  /** Globs of the code that is changed. */
  readonly code: readonly string[]
  /** Globs of the test files that run against each change. */
  readonly tests: readonly string[]
  /** Percent of the code that is changed unless `--share` says otherwise: where tests wait for routers, all takes a day. */
  readonly share: number
}

export const AREAS: readonly Area[] = [
  {
    name: 'projections',
    code: ['projections/*.ts'],
    tests: ['test/projections/*.test.ts', 'test/schemas/upcast.test.ts'],
    share: 25,
  },
  { name: 'domain', code: ['src/domain/*.ts'], tests: ['test/domain/*.test.ts', 'test/api/apply.test.ts'], share: 100 },
  {
    name: 'commands',
    code: [
      'src/engine/{answered-commands,apply,claim-keeper,command-handler,command-job,decide-batch,endpoints}.ts',
      'src/engine/{read-state,resource-kinds,stream-states,to-append}.ts',
    ],
    tests: ['test/engine/*.test.ts', 'test/api/{apply,commands,wrong-input}.test.ts'],
    share: 25,
  },
  {
    name: 'store',
    code: ['src/store/*.ts', 'src/store/sqlite/*.ts'],
    tests: [
      'test/store/sqlite.test.ts',
      'test/contract/event-store.sqlite.test.ts',
      'test/engine/damaged-store.test.ts',
    ],
    share: 25,
  },
  {
    name: 'controller',
    code: ['src/router/*.ts', 'src/engine/{causes,lease,router-journal,site-view}.ts'],
    tests: ['test/router/*.test.ts', 'test/engine/lease.test.ts'],
    share: 5,
  },
  {
    name: 'integrity',
    code: ['src/audit/*.ts'],
    tests: ['test/audit/*.test.ts', 'test/cli/audit-verify.test.ts'],
    share: 15,
  },
  {
    name: 'authorization',
    code: ['src/auth/*.ts', 'src/api/{access-rules,guard,door}.ts'],
    tests: ['test/auth/*.test.ts', 'test/api/access.test.ts', 'test/cli/{token,door}.test.ts'],
    share: 100,
  },
]
