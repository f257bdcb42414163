import { serveFrom } from '../../lib/worker-rpc.ts'
import { ReplaceableHistory, servedBy } from '../rebuild/replaceable-history.ts'

serveFrom(file => servedBy(new ReplaceableHistory(file as string)))
