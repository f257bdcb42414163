import { eventStoreDbContract } from './event-store/eventstoredb.ts'

eventStoreDbContract(['append', 'read', 'subscribe', 'close', 'properties'])
