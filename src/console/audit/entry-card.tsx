import { TimeText } from '../components/time-text.tsx'
import { actorTitle } from '../events/actors.tsx'
import { explainMessage } from '../events/describe-event.ts'
import { ORIGINS } from '../events/event-change.tsx'
import { Facts } from '../resources/facts.tsx'
import { showEvent } from '../time/log.ts'
import { detailsOf } from './export.ts'
import type { Entry } from './load-entries.ts'

const actorWords = (actor: string): string => {
  const explanation = actorTitle(actor)
  return explanation === undefined ? actor : `${actor}: ${explanation}`
}

interface Properties {
  readonly entry: Entry
  readonly onClose: () => void
}

/** All of an entry, of which the table shows what fits. */
export const EntryCard = ({ entry, onClose }: Properties) => {
  const { position, time, actor, via, clientAddress, resource, words, result, message } = entry
  return (
    <section class="card" aria-label="Entry">
      <div class="card-head">
        <h2>
          {resource.kind} {resource.name} {words}
        </h2>
        <div class="steps">
          <button type="button" onClick={() => showEvent(position, time)}>
            Show this moment
          </button>
          <button type="button" class="quiet" aria-label="Close" onClick={onClose}>
            ✕
          </button>
        </div>
      </div>
      <Facts
        facts={[
          ['Time', <TimeText time={time} />],
          ['Position', Number(position)],
          ['Actor', actorWords(actor)],
          ['How', via === actor ? null : (ORIGINS[via ?? ''] ?? via)],
          ['Address', clientAddress],
          ['Namespace', resource.namespace],
          ['Details', detailsOf(entry)],
          ['', message && explainMessage(message)],
          ['Result', result],
        ]}
      />
    </section>
  )
}
