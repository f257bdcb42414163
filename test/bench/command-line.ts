import { spawnSync } from 'node:child_process'
import { LAUNCHER, plainEnvironment } from '../cli/hark.ts'
import { RunningHark } from '../support/running-hark.ts'
import type { Figure } from './figure.ts'
import { inScratch } from './scratch.ts'

const RUNS = 21
const LISTENER = `mutation {
  createListener(input: { namespace: "default", name: "backend", spec: { routingKey: "backend", host: "backend", port: 80 } }) {
    position
  }
}`

type Program = readonly [command: string, ...args: string[]]

/** Milliseconds from the start of the process to its end. */
const duration = ([command, ...args]: Program, env: NodeJS.ProcessEnv): number => {
  const begin = performance.now()
  const { status, stderr, error } = spawnSync(command, args, { env })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`)
  return performance.now() - begin
}

const median = (times: readonly number[]): number => times.toSorted((a, b) => a - b)[times.length >> 1] as number

/** Medians of runs in turns, after one run of each that fills caches. */
const medians = (programs: readonly Program[], env: NodeJS.ProcessEnv): number[] => {
  const times = programs.map((): number[] => [])
  for (let run = 0; run <= RUNS; run += 1)
    for (const [index, program] of programs.entries()) {
      const ms = duration(program, env)
      if (run > 0) times[index]?.push(ms)
    }
  return times.map(median)
}

const has = (command: string): boolean => spawnSync(command, ['version', '--client']).status === 0

/** Processes of the command line, beside those of other tools. */
export const commandLine = (): Promise<Figure[]> =>
  inScratch(async folder => {
    await using hark = await RunningHark.start(['--data', folder])
    await hark.ready()
    await hark.graphql(LISTENER)
    const env = { ...plainEnvironment(), HARK_SERVER: hark.url }
    const get: Program = [process.execPath, LAUNCHER, 'get', 'listeners']
    const version: Program = [process.execPath, LAUNCHER, '--version']
    const [versionMs = 0, nodeMs = 0] = medians([version, [process.execPath, '-e', '0']], env)
    const own: Figure = {
      name: '`hark --version`',
      unit: 'ms',
      value: versionMs,
      against: { name: '`node -e 0`', value: nodeMs },
      bar: { at: 'most', of: 2 },
    }
    if (!has('kubectl')) {
      process.stderr.write('kubectl is not on this machine: hark get is not compared with it\n')
      return [own]
    }
    const request: Program = ['kubectl', 'get', '--raw', '/readyz', '--server', hark.url]
    const [getMs = 0, clientMs = 0, requestMs = 0] = medians([get, ['kubectl', 'version', '--client'], request], env)
    const compared = (name: string, value: number): Figure => ({
      name: '`hark get listeners`',
      unit: 'ms',
      value: getMs,
      against: { name, value },
      bar: { at: 'most', of: 2 },
    })
    return [
      compared('`kubectl version --client`, without a request', clientMs),
      compared('`kubectl get --raw`, one request to the same engine', requestMs),
      own,
    ]
  })
