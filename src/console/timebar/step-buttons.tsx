import { isPast } from '../time/log.ts'
import { stepBack, stepForward } from './keyboard.ts'

/** @param isLast whether the step forward leads to the present */
export const StepButtons = ({ isLast }: { readonly isLast: boolean }) => (
  <div class="steps">
    <button type="button" title="Event before (←)" onClick={stepBack}>
      ← Event before
    </button>
    <button type="button" title="Next event (→)" onClick={stepForward} disabled={!isPast.value}>
      {isLast && isPast.value ? 'Now →' : 'Next event →'}
    </button>
  </div>
)
