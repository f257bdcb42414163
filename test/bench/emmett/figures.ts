import type { ListenerCommand } from '../../../schemas/commands.ts'
import { withChainedEngine } from '../engine.ts'
import type { Figure } from '../figure.ts'
import { alternately, inParallel, inScratch, rateOf } from '../scratch.ts'
import { CALLER, commandAt } from '../workload.ts'
import { loadEmmett, PACKAGES, withEmmett } from './handler.ts'

const LISTENERS = 400
const ROUNDS = 5

type Run = (command: ListenerCommand) => Promise<unknown>

/** The rate of one caller; step 0 creates the listeners of a round, step 1 changes their ports. */
const rateOfStep = (run: Run, round: number, step: number): Promise<number> =>
  rateOf(LISTENERS, () =>
    inParallel(1, LISTENERS, index => run(commandAt(LISTENERS, step * LISTENERS + index, `emmett-${round}`))),
  )

/** The same commands with one caller: the engine with history and hash chain, emmett with its log only. */
export const againstEmmett = async (): Promise<Figure[]> => {
  const emmett = await loadEmmett()
  if (emmett === undefined) {
    process.stderr.write(`emmett: skipped, as it is not installed: npm install --no-save --legacy-peer-deps \\
  ${PACKAGES.join(' ')} sqlite3 async-retry uuid\n`)
    return []
  }
  const against = (connections: 'one a command' | 'one kept'): Promise<Figure[]> =>
    inScratch(folder =>
      withChainedEngine(folder, ({ engine }) =>
        withEmmett(emmett, folder, connections, async theirs => {
          const ours: Run = command => engine.execute(command, { caller: CALLER })
          for (const run of [ours, theirs]) for (const step of [0, 1]) await rateOfStep(run, ROUNDS, step)
          const figures: Figure[] = []
          for (const [step, name] of ['creating listeners', 'changing their ports'].entries()) {
            const [value, bare] = await alternately(
              ROUNDS,
              round => rateOfStep(ours, round, step),
              round => rateOfStep(theirs, round, step),
            )
            figures.push({
              name: `${name}, one caller, sqlite`,
              unit: '/s',
              value,
              against: { name: `emmett with emmett-sqlite, connections: ${connections}`, value: bare },
              bar: { at: 'least', of: 10 },
            })
          }
          return figures
        }),
      ),
    )
  return [...(await against('one a command')), ...(await against('one kept'))]
}
