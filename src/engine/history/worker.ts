import { workerData } from 'node:worker_threads'
import { serve } from '../../lib/worker-rpc.ts'
import { HistoryDatabase } from './history-database.ts'

serve(new HistoryDatabase(workerData as string))
