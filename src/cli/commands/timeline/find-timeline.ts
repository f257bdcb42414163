import type { Client } from '../../client/client.ts'
import {
  MultiKeyListenerTimelineDocument,
  TimelineDocument,
  type TimelineFragment,
  type TimelineQueryVariables,
} from '../../client/generated.ts'
import { isMultiKey } from '../../history/listener-subject.ts'

export const findTimeline = async (
  client: Client,
  kind: string,
  variables: TimelineQueryVariables,
): Promise<TimelineFragment | undefined> => {
  if (isMultiKey(kind))
    return (await client.request(MultiKeyListenerTimelineDocument, variables)).multiKeyListener?.conditionTimeline
  return (await client.request(TimelineDocument, variables)).listener?.conditionTimeline
}
