import { workerData } from 'node:worker_threads'
import { serveFrom } from '../../lib/worker-rpc.ts'
import { ReplaceableHistory, servedBy } from '../rebuild/replaceable-history.ts'

serveFrom(servedBy(new ReplaceableHistory(workerData as string)))
