import { Command } from 'commander'
import about from '../../package.json' with { type: 'json' }
import type { Kind } from '../../schemas/resources/kinds.ts'
import { type Arranged, arrangeArguments } from './arguments.ts'
import { resolveOptions } from './contexts/resolve-options.ts'
import { diffFailure } from './errors.ts'
import { io, type Output } from './io.ts'

type AddCommand = (program: Command) => void

const noun = async (name: Kind): Promise<AddCommand> => {
  const [{ addNoun }, { BY_KIND }] = await Promise.all([
    import('./commands/nouns/noun.ts'),
    import('./resources/kinds.ts'),
  ])
  return addNoun(BY_KIND[name])
}

/** In the order of the help. */
const COMMANDS: Readonly<Record<string, () => Promise<AddCommand>>> = {
  serve: async () => (await import('./commands/serve.ts')).addServe,
  health: async () => (await import('./commands/health.ts')).addHealth,
  apply: async () => (await import('./commands/apply.ts')).addApply,
  get: async () => (await import('./commands/get.ts')).addGet,
  explain: async () => (await import('./commands/schema/explain.ts')).addExplain,
  'api-resources': async () => (await import('./commands/schema/api-resources.ts')).addApiResources,
  describe: async () => (await import('./commands/describe/describe.ts')).addDescribe,
  create: async () => (await import('./commands/create.ts')).addCreate,
  update: async () => (await import('./commands/update.ts')).addUpdate,
  edit: async () => (await import('./commands/edit/edit.ts')).addEdit,
  patch: async () => (await import('./commands/edit/patch.ts')).addPatch,
  rename: async () => (await import('./commands/nouns/site-rename.ts')).addRename,
  delete: async () => (await import('./commands/delete.ts')).addDelete,
  label: async () => (await import('./commands/label/label.ts')).addLabel,
  annotate: async () => (await import('./commands/label/label.ts')).addAnnotate,
  wait: async () => (await import('./commands/wait.ts')).addWait,
  generate: async () => (await import('./commands/generate.ts')).addGenerate,
  'router-config': async () => (await import('./commands/router-config.ts')).addRouterConfig,
  history: async () => (await import('./commands/history/history.ts')).addHistory,
  events: async () => (await import('./commands/history/events.ts')).addEvents,
  audit: async () => (await import('./commands/audit/audit.ts')).addAudit,
  why: async () => (await import('./commands/why/why.ts')).addWhy,
  timeline: async () => (await import('./commands/timeline/timeline.ts')).addTimeline,
  replay: async () => (await import('./commands/replay/replay.ts')).addReplay,
  diff: async () => (await import('./commands/diff.ts')).addDiff,
  bisect: async () => (await import('./commands/bisect/bisect.ts')).addBisect,
  verify: async () => (await import('./commands/verify.ts')).addVerify,
  rebuild: async () => (await import('./commands/rebuild.ts')).addRebuild,
  compact: async () => (await import('./commands/compact.ts')).addCompact,
  backup: async () => (await import('./commands/backup.ts')).addBackup,
  export: async () => (await import('./commands/export.ts')).addExport,
  import: async () => (await import('./commands/import.ts')).addImport,
  status: async () => (await import('./commands/server-info/status.ts')).addStatus,
  version: async () => (await import('./commands/server-info/version.ts')).addVersion,
  whoami: async () => (await import('./commands/server-info/whoami.ts')).addWhoami,
  'can-i': async () => (await import('./commands/server-info/can-i.ts')).addCanI,
  auth: async () => (await import('./commands/server-info/auth.ts')).addAuth,
  config: async () => (await import('./commands/config/config.ts')).addConfig,
  debug: async () => (await import('./commands/debug/debug.ts')).addDebug,
  completion: async () => (await import('./commands/completion/completion.ts')).addCompletion,
  token: async () => (await import('./commands/token/token.ts')).addToken,
  listener: () => noun('Listener'),
  connector: () => noun('Connector'),
  multikeylistener: () => noun('MultiKeyListener'),
  site: () => noun('Site'),
  __complete: async () => {
    const { addComplete } = await import('./commands/completion/complete.ts')
    return program => addComplete(program, words => createProgram(arrangeArguments(words, isGroup)))
  },
  demo: async () => {
    const { addDemo } = await import('./commands/demo/demo.ts')
    return program => addDemo(program, () => createProgram())
  },
}

const GROUPS = [
  'create',
  'update',
  'rename',
  'generate',
  'audit',
  'token',
  'config',
  'debug',
  'auth',
  'listener',
  'connector',
  'multikeylistener',
  'site',
]

export const isGroup = (command: string): boolean => GROUPS.includes(command)

const MORE = `
All commands but serve, health, demo, generate, explain, api-resources, verify, rebuild, backup, export, import, config,
completion, token, and those of audit other than report, talk to a running engine, at --server URL or HARK_SERVER (default:
http://127.0.0.1:4000); HARK_TOKEN holds the token if authentication is required. Contexts (hark config) name several
engines.

Exit status: 0 done, 1 failed, 2 wrong usage, 3 engine unreachable, 4 timed out, 5 serve must be restarted.

Examples:
  hark serve
  hark apply -f manifests/ -n west
  hark get listeners -A
  hark COMMAND --help`

const columnsOf = ({ isTTY, columns }: Output): number => (isTTY ? columns : undefined) as number

const namesFor = ({ command, args }: Arranged): readonly string[] => {
  if (command !== undefined && Object.hasOwn(COMMANDS, command)) return [command]
  return command === undefined && /^(-V|--version)$/.test(args[0] ?? '') ? [] : Object.keys(COMMANDS)
}

const comparesManifests = (command: Command): boolean =>
  command.name() === 'diff' && command.getOptionValue('filename') !== undefined

/** @param arranged if given, only the command that it names is loaded */
export const createProgram = async (arranged?: Arranged): Promise<Command> => {
  const program = new Command('hark')
    .description('An event-sourced control plane for Skupper listeners.')
    .version(about.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print the help of a command')
    .exitOverride()
    .configureOutput({
      writeOut: text => io().stdout.write(text),
      writeErr: text => io().stderr.write(text),
      getOutHelpWidth: () => columnsOf(io().stdout),
      getErrHelpWidth: () => columnsOf(io().stderr),
    })
    .addHelpText('after', MORE)
  program.hook('preAction', (_, command) =>
    resolveOptions(command).catch(error => {
      throw comparesManifests(command) ? diffFailure(error) : error
    }),
  )
  const names = arranged === undefined ? Object.keys(COMMANDS) : namesFor(arranged)
  for (const add of await Promise.all(names.map(name => (COMMANDS[name] as () => Promise<AddCommand>)()))) add(program)
  return program
}
