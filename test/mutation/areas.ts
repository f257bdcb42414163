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

const filesIn =
  (folder: string, extension: string) =>
  (...names: string[]): string[] =>
    names.map(name => `${folder}/${name}${extension}`)

const engine = filesIn('src/engine', '.ts')
const api = filesIn('src/api', '.ts')
const engineTests = filesIn('test/engine', '.test.ts')
const routerTests = filesIn('test/router', '.test.ts')
const apiTests = filesIn('test/api', '.test.ts')
const cliTests = filesIn('test/cli', '.test.ts')

export const AREAS: readonly Area[] = [
  {
    name: 'projections',
    code: ['projections/*.ts'],
    tests: ['test/projections/*.test.ts', 'test/schemas/upcast.test.ts'],
    share: 25,
  },
  {
    name: 'domain',
    code: ['src/domain/*.ts'],
    tests: ['test/domain/*.test.ts', 'test/engine/apply.test.ts'],
    share: 100,
  },
  {
    name: 'commands',
    code: [
      ...engine('answered-commands', 'apply', 'apply-order', 'claim-keeper', 'command-handler', 'command-hash'),
      ...engine('command-job', 'decide-batch', 'detours', 'endpoints', 'preview', 'read-state', 'resource-kinds'),
      ...engine('stream-states', 'to-append'),
    ],
    tests: [
      ...engineTests(
        'expected-version',
        'sharing-appends',
        'commands',
        'command-id',
        'apply',
        'apply-batch',
        'endpoints',
        'claim-keeper',
      ),
      ...engineTests('endpoint-crash', 'command-time', 'lagging-store', 'rebuild', 'random-commands'),
    ],
    share: 25,
  },
  {
    name: 'store',
    code: ['src/store/*.ts', 'src/store/sqlite/*.ts'],
    tests: [
      'test/store/recent-events.test.ts',
      'test/store/sqlite.test.ts',
      'test/store/shared-reading.test.ts',
      'test/contract/event-store.sqlite.test.ts',
    ],
    share: 25,
  },
  {
    name: 'controller',
    code: [
      'src/router/*.ts',
      'src/probing/*.ts',
      ...engine('causes', 'lease', 'router-journal', 'site-view', 'watched-routers'),
    ],
    tests: [
      'test/probing/*.test.ts',
      ...routerTests('backoff', 'attention', 'contact', 'listener-word', 'router-entities', 'credentials', 'contest'),
      ...engineTests('lease', 'router-journal'),
      ...routerTests('strange-answers', 'vanflow', 'configuring', 'matching'),
    ],
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
    code: ['src/auth/*.ts', ...api('access-rules', 'guard', 'door', 'caller')],
    tests: ['test/auth/*.test.ts', ...apiTests('caller', 'apply', 'access'), ...cliTests('token')],
    share: 100,
  },
]
