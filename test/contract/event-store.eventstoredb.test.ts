import { eventStoreDbContract } from './event-store/eventstoredb.ts'

eventStoreDbContract(['append', 'read', 'close', 'properties'])
