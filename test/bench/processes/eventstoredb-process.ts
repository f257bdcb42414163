import { FakeEventStoreDb } from '../../fakes/eventstoredb/fake.ts'

// The double in a process of its own, as a server is: prints its port, and ends when its parent does.
const double = await new FakeEventStoreDb().start()
process.stdout.write(`${double.port}\n`)
process.stdin.resume().once('end', () => process.exit())
