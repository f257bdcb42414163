import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Mailbox } from '../../src/engine/mailbox.ts'

const readAll = async <T>(mailbox: Mailbox<T>, leave = () => {}): Promise<T[]> => {
  const read: T[] = []
  for await (const value of mailbox.read(leave)) read.push(value)
  return read
}

describe('a mailbox', () => {
  it('gives what was pushed before and while it is read, in order, each once', async () => {
    const mailbox = new Mailbox<number>()
    mailbox.push(1)
    mailbox.push(2)
    const reading = readAll(mailbox)
    for (let value = 3; value <= 50; value += 1) {
      if (value % 7 === 0) await Promise.resolve()
      mailbox.push(value)
    }
    mailbox.close()
    mailbox.push(51)
    assert.deepEqual(
      await reading,
      Array.from({ length: 50 }, (_, index) => index + 1),
    )
  })

  it('is left by a reader that wants no more', async () => {
    const mailbox = new Mailbox<number>()
    mailbox.push(1)
    let hasLeft = false
    for await (const value of mailbox.read(() => (hasLeft = true))) {
      assert.equal(value, 1)
      break
    }
    assert.ok(hasLeft)
  })

  it('throws what it is closed with', async () => {
    const mailbox = new Mailbox<number>()
    const reading = readAll(mailbox)
    mailbox.close(new Error('gone'))
    await assert.rejects(reading, /gone/)
  })

  it('keeps nothing for a reader that is far too slow, and tells so', async () => {
    const mailbox = new Mailbox<number>()
    for (let value = 0; value <= 1000; value += 1) mailbox.push(value)
    assert.deepEqual(await readAll(mailbox), [])
    assert.ok(mailbox.isOverfull)
  })

  it('gives a reader that became too slow nothing more of what it had taken', async () => {
    const mailbox = new Mailbox<number>()
    for (let value = 0; value < 10; value += 1) mailbox.push(value)
    const reading = mailbox.read(() => {})
    assert.equal((await reading.next()).value, 0)
    for (let value = 0; value <= 1000; value += 1) mailbox.push(value)
    assert.ok((await reading.next()).done)
  })
})
