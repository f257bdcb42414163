import { Command } from 'commander'
import about from '../../package.json' with { type: 'json' }
import { addApply } from './commands/apply.ts'
import { addAudit } from './commands/audit/audit.ts'
import { addBisect } from './commands/bisect/bisect.ts'
import { addCreate } from './commands/create.ts'
import { addDelete } from './commands/delete.ts'
import { addDemo } from './commands/demo/demo.ts'
import { addDescribe } from './commands/describe.ts'
import { addDiff } from './commands/diff.ts'
import { addExport } from './commands/export.ts'
import { addGenerate } from './commands/generate.ts'
import { addGet } from './commands/get.ts'
import { addHealth } from './commands/health.ts'
import { addHistory } from './commands/history.ts'
import { addImport } from './commands/import.ts'
import { addRebuild } from './commands/rebuild.ts'
import { addReplay } from './commands/replay/replay.ts'
import { addRouterConfig } from './commands/router-config.ts'
import { addServe } from './commands/serve.ts'
import { addTimeline } from './commands/timeline/timeline.ts'
import { addToken } from './commands/token/token.ts'
import { addUpdate } from './commands/update.ts'
import { addVerify } from './commands/verify.ts'
import { addWhy } from './commands/why/why.ts'
import { io, type Output } from './io.ts'

const COMMANDS = [
  addServe,
  addHealth,
  addApply,
  addGet,
  addDescribe,
  addCreate,
  addUpdate,
  addDelete,
  addGenerate,
  addRouterConfig,
  addHistory,
  addAudit,
  addWhy,
  addTimeline,
  addReplay,
  addDiff,
  addBisect,
  addVerify,
  addRebuild,
  addExport,
  addImport,
  addToken,
  (program: Command) => addDemo(program, createProgram),
]

const MORE = `
All commands but serve, health, demo, generate, verify, rebuild, export, import and token talk to a running engine, at
--server URL or HARK_SERVER (default: http://127.0.0.1:4000). HARK_TOKEN holds the token if authentication is required.

Exit status: 0 done, 1 failed, 2 wrong usage, 3 engine unreachable, 4 timed out, 5 serve must be restarted.

Examples:
  hark serve
  hark apply -f manifests/ -n west
  hark get listeners -A
  hark COMMAND --help`

const columnsOf = ({ isTTY, columns }: Output): number => (isTTY ? columns : undefined) as number

/** Commander reads process variables only; this reads an injected environment. */
const readVariables = (command: Command): void => {
  const { env } = io()
  if (env === process.env) return
  for (const option of command.options) {
    const name = option.attributeName()
    if (option.envVar === undefined || command.getOptionValueSource(name) === 'cli') continue
    const text = env[option.envVar]
    const value = text === undefined ? option.defaultValue : option.parseArg?.(text, undefined)
    command.setOptionValueWithSource(name, value, 'env')
  }
}

/** Commands load their modules on demand. */
export const createProgram = (): Command => {
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
  program.hook('preAction', (_, command) => readVariables(command))
  for (const add of COMMANDS) add(program)
  return program
}
