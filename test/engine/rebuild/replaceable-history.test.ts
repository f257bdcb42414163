import assert from 'node:assert/strict'
import { copyFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { HistoryDatabase } from '../../../src/engine/history/history-database.ts'
import { freshFileOf, replacedFileOf } from '../../../src/engine/read-models/persistence/database.ts'
import { ReplaceableHistory } from '../../../src/engine/rebuild/replaceable-history.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'

/** Writes the position of a model, by which files are told apart. */
const put = (database: HistoryDatabase, position: number): void => {
  database.begin()
  database.commitProgress({
    part: 'rows',
    checkpoints: [{ name: 'sites', version: 1, position, versionsTo: position }],
    lastEvent: undefined,
    remove: [],
  })
}

const positionOf = (database: HistoryDatabase): number | undefined => database.checkpoints()[0]?.position

/** An open database at position 1, and a closed one beside it at position 2. */
const opened = async (stack: AsyncDisposableStack) => {
  const folder = stack.use(await scratchFolder())
  const file = join(folder.path, 'read-models.db')
  const [fresh, kept] = [freshFileOf(file), replacedFileOf(file)]
  const other = new HistoryDatabase(fresh)
  put(other, 2)
  other.close()
  const history = new ReplaceableHistory(file)
  stack.defer(() => {
    if (history.database.isOpen) history.database.close()
  })
  put(history.database, 1)
  return { history, fresh, kept, names: () => readdirSync(folder.path).sort() }
}

describe('replaceBy', () => {
  it('puts the new file in place of the old one, which can stay under another name', async () => {
    await using stack = new AsyncDisposableStack()
    const { history, fresh, kept, names } = await opened(stack)
    history.replaceBy(fresh, kept)
    assert.equal(positionOf(history.database), 2)
    put(history.database, 3)
    const old = new HistoryDatabase(kept, false)
    assert.equal(positionOf(old), 1)
    old.close()
    history.database.close()
    assert.deepEqual(names(), ['read-models.db', 'read-models.old.db'])
  })

  it('continues with the old file if the new one is missing', async () => {
    await using stack = new AsyncDisposableStack()
    const { history, fresh } = await opened(stack)
    assert.throws(() => history.replaceBy(`${fresh}.missing`, undefined), { code: 'ENOENT' })
    assert.equal(positionOf(history.database), 1)
    history.replaceBy(fresh, undefined)
    assert.equal(positionOf(history.database), 2)
  })

  it('continues with the old file if its other name is taken', async () => {
    await using stack = new AsyncDisposableStack()
    const { history, fresh } = await opened(stack)
    assert.throws(() => history.replaceBy(fresh, fresh), { code: 'EEXIST' })
    assert.equal(positionOf(history.database), 1)
  })

  it('continues with the old file if a part of the new one could not be written', async () => {
    await using stack = new AsyncDisposableStack()
    const { history, fresh } = await opened(stack)
    writeFileSync(`${fresh}-wal`, 'what a full disk left')
    assert.throws(() => history.replaceBy(fresh, undefined), { message: `${fresh} could not be written completely` })
    assert.equal(positionOf(history.database), 1)
  })

  it('opens the file later if it could not be opened at once', async () => {
    await using stack = new AsyncDisposableStack()
    const { history, fresh, kept } = await opened(stack)
    const damaged = `${fresh}.damaged`
    writeFileSync(damaged, 'not a database'.repeat(1000))
    assert.throws(() => history.replaceBy(damaged, kept), { name: 'ReadModelsDamaged' })
    copyFileSync(kept, kept.replace('.old', ''))
    assert.equal(positionOf(history.database), 1)
  })
})
