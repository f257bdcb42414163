import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { parse, parseAllDocuments } from 'yaml'
import { z } from 'zod'
import about from '../../package.json' with { type: 'json' }
import { EXIT } from '../../src/cli/errors.ts'
import { LAUNCHER } from '../cli/hark.ts'
import { scratchFolder } from '../support/scratch-folder.ts'
import { ROOT, read } from '../support/tree.ts'

const run = (command: string, ...args: string[]) => spawnSync(command, args, { cwd: ROOT, encoding: 'utf8' })
const unless = (command: string, ...args: string[]): string | false =>
  run(command, ...args).error !== undefined && `${command} is not on the PATH`

const UNIT = 'deploy/systemd/hark.service'

describe(UNIT, () => {
  const unit = read(UNIT)
  const valuesOf = (name: string): string[] =>
    [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value]) => value as string)
  const skip = unless('systemd-analyze', '--version')

  test('restarts after a crash and when only a restart helps, and not after a wrong setting', () => {
    assert.deepEqual(valuesOf('Restart'), ['on-failure'])
    const prevented = valuesOf('RestartPreventExitStatus').flatMap(text => text.split(' ').map(Number))
    // Node.js exits with EXIT.failed after an uncaught exception.
    assert.deepEqual(prevented, [EXIT.usage])
    assert.deepEqual(valuesOf('StartLimitIntervalSec'), ['0'])
  })

  test('gives a shutdown more time than Hark takes', () => {
    const [, most] = /CLOSE_TIMEOUT_MS = ([\d_]+)/.exec(read('src/cli/commands/serve.ts')) ?? []
    assert.ok(Number(valuesOf('TimeoutStopSec')[0]) * 1000 > Number(most?.replaceAll('_', '')))
  })

  test('is valid for systemd', { skip }, async () => {
    await using folder = await scratchFolder()
    const file = join(folder.path, 'hark.service')
    writeFileSync(file, unit.replace('ExecStart=/usr/local/bin/hark', `ExecStart=${LAUNCHER}`))
    const { status, stderr } = run('systemd-analyze', 'verify', '--man=no', file)
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' })
  })

  test('has an exposure of at most 1.5 of 10', { skip }, () => {
    const { status, stdout } = run(
      'systemd-analyze',
      'security',
      '--offline=true',
      '--threshold=15',
      '--no-pager',
      UNIT,
    )
    assert.equal(status, 0, stdout)
  })
})

const BASE = 'deploy/kustomize/base'

describe(BASE, () => {
  const { spec } = parse(read(`${BASE}/stateful-set.yaml`))
  const pod = spec.template.spec
  const [engine] = pod.containers
  const all = [...pod.initContainers, ...pod.containers]

  test('lists each of its files', () => {
    const files = globSync('*.yaml', { cwd: join(ROOT, BASE) }).filter(name => name !== 'kustomization.yaml')
    assert.deepEqual(parse(read(`${BASE}/kustomization.yaml`)).resources.toSorted(), files.toSorted())
  })

  test('runs one engine without privileges, on a read-only file system', () => {
    assert.equal(spec.replicas, 1)
    assert.equal(pod.securityContext.runAsNonRoot, true)
    assert.equal(pod.securityContext.runAsUser, 1000)
    assert.equal(pod.securityContext.seccompProfile.type, 'RuntimeDefault')
    assert.equal(pod.automountServiceAccountToken, false)
    for (const { securityContext } of all)
      assert.deepEqual(securityContext, {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      })
  })

  test('keeps variables for the service out of the settings', () => {
    assert.equal(pod.enableServiceLinks, false)
  })

  test('probes with hark health, and waits longer than it does', () => {
    for (const probe of [engine.startupProbe, engine.livenessProbe, engine.readinessProbe]) {
      assert.deepEqual(probe.exec.command.slice(0, 2), ['hark', 'health'])
      const waits = /^(\d+)s$/.exec(probe.exec.command.at(-1))?.[1]
      assert.ok(probe.timeoutSeconds > Number(waits))
    }
    assert.ok(engine.readinessProbe.exec.command.includes('--ready'))
    assert.ok(!engine.livenessProbe.exec.command.includes('--ready'))
  })

  test('copies the first token once, for its owner only', async () => {
    await using folder = await scratchFolder()
    const [, , script] = pod.initContainers[0].command as [string, string, string]
    const copy = () =>
      run('sh', '-ec', script.replaceAll('/data/', `${folder.path}/data/`).replaceAll('/tokens/', `${folder.path}/`))
    writeFileSync(join(folder.path, 'tokens.json'), 'first')
    assert.equal(copy().stderr, '')
    writeFileSync(join(folder.path, 'tokens.json'), 'second')
    assert.equal(copy().status, 0)
    const copied = join(folder.path, 'data/hark/tokens.json')
    assert.equal(readFileSync(copied, 'utf8'), 'first')
    assert.deepEqual(
      [join(folder.path, 'data/hark'), copied].map(path => statSync(path).mode & 0o777),
      [0o700, 0o600],
    )
  })

  test('is rendered by kubectl', { skip: unless('kubectl', 'version', '--client') }, () => {
    const { status, stdout, stderr } = run('kubectl', 'kustomize', BASE)
    assert.equal(status, 0, stderr)
    const rendered = parseAllDocuments(stdout).map(document => document.toJS())
    assert.deepEqual(
      rendered.map(({ kind }) => kind),
      ['ServiceAccount', 'ConfigMap', 'Service', 'StatefulSet'],
    )
    const [, settings, service, { spec: set }] = rendered
    assert.deepEqual(service.spec.selector, set.template.metadata.labels)
    assert.deepEqual(set.selector.matchLabels, set.template.metadata.labels)
    assert.equal(set.template.spec.containers[0].envFrom[0].configMapRef.name, settings.metadata.name)
    assert.equal(set.template.spec.containers[0].image, `hark:${about.version}`)
  })
})

test('npm run sbom › lists every dependency, and marks those of development', () => {
  const { status, stdout, stderr } = run('npm', 'run', '--silent', 'sbom')
  assert.equal(status, 0, stderr)
  const { bomFormat, components } = z
    .object({
      bomFormat: z.string(),
      components: z.array(
        z.object({ name: z.string(), properties: z.array(z.object({ name: z.string() })).default([]) }),
      ),
    })
    .parse(JSON.parse(stdout))
  assert.equal(bomFormat, 'CycloneDX')
  const isOfDevelopment = new Map(
    components.map(({ name, properties }) => [
      name,
      properties.some(property => property.name === 'cdx:npm:package:development'),
    ]),
  )
  for (const name of Object.keys(about.dependencies)) assert.equal(isOfDevelopment.get(name), false, name)
  for (const name of ['typescript', 'vite', '@biomejs/biome']) assert.equal(isOfDevelopment.get(name), true, name)
})
