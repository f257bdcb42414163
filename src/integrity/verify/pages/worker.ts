import { workerData } from 'node:worker_threads'
import type { Position } from '../../../../schemas/events/recorded-event.ts'
import type { OpenTextReader, SharedTexts } from '../../../event-store/event-store.ts'
import { serveWorker } from '../../../lib/worker-rpc-server.ts'
import { type FoldedIndex, type FoldKey, foldIndex } from '../index-fingerprint.ts'

import { type LogPage, PageWriter } from './page.ts'
import { readPages } from './read.ts'

export type LogRequest =
  | { readonly after: Position; readonly to: Position }
  /** The index of streams, folded with this key. */
  | { readonly indexKey: FoldKey }

const { file, module } = workerData as SharedTexts
const { openTextReader } = (await import(module)) as { readonly openTextReader: OpenTextReader }
const reader = openTextReader(file)
const writer = new PageWriter()

serveWorker((request: LogRequest): readonly LogPage[] | FoldedIndex =>
  'indexKey' in request
    ? foldIndex(reader, request.indexKey)
    : [...readPages(reader, writer, request.after, request.to)],
)
