import { RecordDocument } from '../api/generated.ts'
import { useQuery } from '../api/use-query.ts'
import { countWords } from '../components/count-words.ts'
import { TimeText } from '../components/time-text.tsx'
import { isPast, version } from '../time/log.ts'

export const RecordState = () => {
  const { data } = useQuery(RecordDocument, {}, version.value).value
  if (data === undefined) return null
  const { isSigning, lastCheckpoint } = data.record
  return (
    <p class="record-state">
      {lastCheckpoint ? (
        <>
          {isPast.value && 'Now, whatever moment is shown: '}
          <strong>{countWords(lastCheckpoint.events, 'event is', 'events are')} signed</strong> with key{' '}
          <code>{lastCheckpoint.keyId}</code>, last at <TimeText time={lastCheckpoint.time} /> as event{' '}
          {Number(lastCheckpoint.position)}.
        </>
      ) : (
        <strong>No checkpoint is signed yet.</strong>
      )}{' '}
      {isSigning ? '' : 'Checkpoints are not being signed. '}
      <span class="soft">
        {lastCheckpoint &&
          'They are all events before the signature: the entries, and those of Hark itself, such as earlier signatures. '}
        <code>hark audit verify</code> checks every event against {lastCheckpoint ? 'the signatures' : 'them'}.
      </span>
    </p>
  )
}
