import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KINDS } from '../../../schemas/resources/kinds.ts'
import { listenerSpec } from '../../../schemas/resources/listener.ts'
import { siteSpec } from '../../../schemas/resources/site.ts'
import { manifestFields } from '../../../src/cli/commands/schema/fields.ts'
import { runInProcess } from '../hark.ts'

const hark = async (command: string): Promise<string> => {
  const { status, stdout, stderr } = await runInProcess(command.split(' '))
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' })
  return stdout
}

describe('explain', () => {
  it('describes a field with its type', async () => {
    assert.equal(
      await hark('explain lnr.spec.port'),
      `GROUP:      skupper.io
KIND:       Listener
VERSION:    v2alpha1

FIELD: port <integer>

DESCRIPTION:
    Port: 1 to 65535.
`,
    )
  })

  it('describes a kind with its parts', async () => {
    const text = await hark('explain listener')
    assert.match(text, /^DESCRIPTION:\n {4}A local endpoint for connections to services at other sites\.\n\nFIELDS:\n/m)
    assert.match(text, /^ {2}spec\t<ListenerSpec> -required-\n {4}Desired state/m)
    assert.doesNotMatch(text, /history|conditionTimeline|laneStatus/)
  })

  it('lists the values of a field that has few', async () => {
    assert.match(await hark('explain listener.status.status'), /^enum: Pending, Error, Ready$/m)
    assert.match(await hark('explain listener.status'), /^ {2}status\t<string>\n {2}enum: Pending, Error, Ready\n/m)
  })

  it('prints fields of fields with --recursive', async () => {
    const text = await hark('explain multikeylistener --recursive')
    assert.match(
      text,
      /^ {4}strategy\t<MultiKeyStrategy> -required-\n {6}priority\t<PriorityStrategy>\n {8}routingKeys\t<\[\]string> -required-$/m,
    )
  })

  it('has every field that manifests have', async () => {
    const specOf = async (kind: 'Listener' | 'Site') =>
      (await manifestFields(kind)).fields
        .find(({ name }) => name === 'spec')
        ?.fields.map(({ name }) => name)
        .sort()
    assert.deepEqual(await specOf('Site'), Object.keys(siteSpec.shape).sort())
    assert.deepEqual(await specOf('Listener'), Object.keys(listenerSpec.shape).sort())
    for (const kind of KINDS) {
      const { fields } = await manifestFields(kind)
      assert.deepEqual(
        fields.map(({ name }) => name),
        ['apiVersion', 'kind', 'metadata', 'spec', 'status'],
      )
      const described = fields.flatMap(each => [each, ...each.fields])
      for (const { name, description } of described) assert.notEqual(description, '', `${kind} ${name}`)
    }
  })

  for (const [command, status, message] of [
    ['explain listener.spec.prot', 1, /^error: field 'prot' does not exist: spec has routingKey, host, port, /],
    ['explain listener.spec.port.x', 1, /^error: field 'x' does not exist: port has no fields$/m],
    ['explain pods', 2, /^error: 'pods' is invalid as a kind/],
    ['explain all', 2, /^error: takes one kind$/m],
  ] as const) {
    it(`rejects "${command}"`, async () => {
      const outcome = await runInProcess(command.split(' '))
      assert.deepEqual([outcome.status, outcome.stdout], [status, ''])
      assert.match(outcome.stderr, message)
    })
  }
})

describe('api-resources', () => {
  it('lists the kinds', async () => {
    assert.equal(
      await hark('api-resources'),
      `NAME                SHORTNAMES   APIVERSION            NAMESPACED   KIND
listeners           lnr          skupper.io/v2alpha1   true         Listener
connectors          cnr          skupper.io/v2alpha1   true         Connector
multikeylisteners   mkl          skupper.io/v2alpha1   true         MultiKeyListener
sites               st           skupper.io/v2alpha1   true         Site
`,
    )
    assert.match(await hark('api-resources -o name'), /^listeners\.skupper\.io\nconnectors/)
    assert.match(await hark('api-resources -o wide --no-headers'), /^listeners .* Listener +create,delete,get/)
  })
})
