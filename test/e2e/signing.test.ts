import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { CREATE, createInput } from '../support/process/http-hark.ts'
import { ServedHark } from '../support/process/served-hark.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

const SIGNING = 'hark_signing'
const SIGNED = 'hark_last_checkpoint_timestamp_seconds'

test('hark_signing › shows whether the log is signed, and when it was last', async () => {
  await using folder = await scratchFolder()
  const args = ['--data', folder.path, '--checkpoint-seconds', '1']
  const begun = Math.floor(Date.now() / 1000)
  {
    await using hark = await ServedHark.start(args)
    await hark.ready()
    await eventually(async () => (await hark.metric(SIGNING)) === 1)
    await hark.graphql(CREATE, { input: createInput(1) })
    await eventually(async () => (await hark.metric(SIGNED)) >= begun)
    await hark.stop()
  }
  await rm(join(folder.path, 'signing-key.pem'))
  await using keyless = await ServedHark.start(args)
  await keyless.ready()
  await eventually(async () => (await keyless.metric(SIGNED)) >= begun)
  await keyless.graphql(CREATE, { input: createInput(2) })
  assert.equal(await keyless.metric(SIGNING), 0)
})
