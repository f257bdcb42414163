import { eventStoreDbContract } from './event-store/eventstoredb.ts'

// A file of its own, to run beside the others: most of these tests wait for timeouts.
eventStoreDbContract(['outages'])
