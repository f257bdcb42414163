import { workerData } from 'node:worker_threads'
import { yieldToOtherThreads } from '../../lib/thread-priority.ts'
import { serve } from '../../lib/worker-rpc.ts'
import { openLogOf, type RebuiltLog } from './open-log.ts'
import { LogRebuilder } from './rebuilder.ts'

yieldToOtherThreads()

const { setting, fresh } = workerData as RebuiltLog

serve(new LogRebuilder(fresh, openLogOf(setting)))
