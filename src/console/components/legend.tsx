const ENTRIES = [
  ['Ready', 'Ready'],
  ['Pending', 'Pending'],
  ['Error', 'Error'],
  ['Unknown', 'Unknown'],
  ['NotObserved', 'Not observed'],
] as const

export const Legend = () => (
  <ul class="legend" aria-label="Legend">
    {ENTRIES.map(([status, words]) => (
      <li key={status}>
        <i class="swatch" data-status={status} aria-hidden="true" />
        {words}
      </li>
    ))}
    <li>
      <i class="swatch-mark requested" aria-hidden="true" />
      Change by a user
    </li>
    <li>
      <i class="swatch-mark" aria-hidden="true" />
      Report by agent
    </li>
  </ul>
)
