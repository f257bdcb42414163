import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createListener, deleteListener, updateHost, updatePort, updateRoutingKey } from '../../support/commands.ts'
import { ALICE, TestEngine } from '../../support/test-engine.ts'

const taken = { code: 'ALREADY_EXISTS', message: /^host .* and port \d+ are taken in namespace west, by listener a$/ }

describe('EndpointReservations', () => {
  it('rejects a second listener on a host and port, created or moved there', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a', { host: 'shop', port: 80 }))
    await assert.rejects(test.run(createListener('b', { host: 'shop', port: 80 })), taken)
    await test.run(createListener('b', { host: 'shop', port: 81 }))
    await assert.rejects(test.run(updatePort('b', 80)), taken)
    await test.run(updateHost('b', 'other'))
    await test.run(updatePort('b', 80))
    await assert.rejects(test.run(updateHost('b', 'shop')), taken)
    assert.equal(test.engine.read.resource('Listener', 'west', 'b')?.spec.host, 'other')
  })

  it('compares hosts by their canonical form', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a', { host: 'Shop.Example' }))
    await assert.rejects(test.run(createListener('b', { host: 'shop.example' })), taken)
    await test.run(updateHost('a', '::1'))
    await assert.rejects(test.run(createListener('b', { host: '0:0:0:0:0:0:0:1' })), taken)
    const { row } = await test.run(updateHost('a', '0:0::1'))
    assert.equal(row?.spec.host, '0:0::1', 'to write it in another way is a change of spec, and no move')
  })

  it('allows the same host and port in another namespace', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a', { host: 'shop' }))
    await test.run({ ...createListener('a', { host: 'shop' }), namespace: 'east' })
  })

  it('frees an endpoint when its listener is deleted or moves', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a', { host: 'shop' }))
    await test.run(deleteListener('a'))
    await test.run(createListener('b', { host: 'shop' }))
    await test.run(updateHost('b', 'other'))
    await test.run(createListener('c', { host: 'shop' }))
  })

  it('lets listeners take turns on an endpoint', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a', { host: 'shop' }))
    for (let round = 0; round < 3; round += 1) {
      await test.run(updateHost('a', 'elsewhere'))
      await test.run(createListener('b', { host: 'shop' }))
      await assert.rejects(test.run(updateHost('a', 'shop')), { code: 'ALREADY_EXISTS' })
      await test.run(deleteListener('b'))
      await test.run(updateHost('a', 'shop'))
      await assert.rejects(test.run(createListener('b', { host: 'shop' })), taken)
    }
  })

  it('reserves nothing for other changes of a listener', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a', { host: 'shop' }))
    await test.run(updateRoutingKey('a', 'api'))
    await test.run(updateHost('a', 'SHOP'))
    assert.deepEqual(await test.story('endpoint-west.shop:8080'), ['EndpointReserved'])
    await assert.rejects(test.run(createListener('b', { host: 'shop' })), taken)
  })

  it('rejects a second listener after a restart', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a', { host: 'shop' }))
    await test.restart()
    await assert.rejects(test.run(createListener('b', { host: 'shop' })), taken)
  })
})

describe('EndpointReservations under concurrency', () => {
  const wanting = Array.from({ length: 24 }, (_, index) => `listener-${index}`)

  it('accepts one of many listeners on two engines', async () => {
    await using test = await TestEngine.start()
    const other = await test.startAnother()
    const outcomes = await Promise.allSettled(
      wanting.map((name, index) =>
        (index % 2 === 0 ? test.engine : other).execute(createListener(name, { host: 'shop' }), { caller: ALICE }),
      ),
    )
    const refusals = outcomes.flatMap(outcome => (outcome.status === 'rejected' ? [outcome.reason.code] : []))
    assert.deepEqual(refusals, Array(wanting.length - 1).fill('ALREADY_EXISTS'))
    const created = (await test.log()).filter(({ type }) => type === 'ListenerCreated')
    assert.equal(created.length, 1)
  })

  it('leaves one holder while listeners come and go', async () => {
    await using test = await TestEngine.start()
    const other = await test.startAnother()
    for (const name of wanting.slice(0, 6)) await test.run(createListener(name))
    const comeAndGo = async (name: string, index: number): Promise<void> => {
      const engine = index % 2 === 0 ? test.engine : other
      for (let round = 0; round < 8; round += 1) {
        await engine.execute(updateHost(name, 'shop'), { caller: ALICE }).catch(error => {
          assert.equal(error.code, 'ALREADY_EXISTS')
        })
        const { row } = await engine.execute(updateHost(name, name), { caller: ALICE })
        assert.equal(row?.spec.host, name)
      }
    }
    await Promise.all(wanting.slice(0, 6).map(comeAndGo))
    let holder: string | undefined
    for (const { type, data } of await test.log()) {
      if (type !== 'HostUpdated') continue
      const { name, host } = data as { name: string; host: string }
      if (host === 'shop') {
        assert.equal(holder, undefined, `${name} took what was ${holder}'s`)
        holder = name
      } else if (holder === name) holder = undefined
    }
  })
})
