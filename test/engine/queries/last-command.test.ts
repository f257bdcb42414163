import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createListener, updatePort } from '../../support/commands.ts'
import { ALICE, TestEngine } from '../../support/test-engine.ts'

const update = { type: 'UpdateListenerMetadata', namespace: 'west', name: 'a', overwrite: true } as const

describe('read.lastCommand', () => {
  it('skips changes of labels and annotations, which affect no status', async () => {
    await using test = await TestEngine.start()
    const { execute } = test.engine
    const { position: created } = await test.run({ ...createListener('a'), labels: { app: 'shop' } })
    const { position: moved } = await test.run(updatePort('a', 9090))
    await execute({ ...update, labels: { app: 'books' } }, { caller: ALICE })
    const { position: last } = await execute({ ...update, annotations: { note: 'x' } }, { caller: ALICE })
    const typeAt = async (position: number) =>
      (await test.engine.read.lastCommand('Listener', 'west', 'a', position))?.type
    assert.equal(await typeAt(last), 'PortUpdated')
    assert.equal(await typeAt(moved - 1), 'ListenerCreated')
    assert.equal(await typeAt(created), 'ListenerCreated')
  })

  it('is undefined before the first event of the listener', async () => {
    await using test = await TestEngine.start()
    const { position } = await test.run(createListener('other'))
    assert.equal(await test.engine.read.lastCommand('Listener', 'west', 'a', position), undefined)
  })
})
