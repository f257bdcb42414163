import { FakeEventStoreDb } from '../../fakes/eventstoredb/fake.ts'

// The fake in a separate process: prints its port, and exits with its parent.
const double = await new FakeEventStoreDb().start()
process.stdout.write(`${double.port}\n`)
process.stdin.resume().once('end', () => process.exit())
