const EXPLANATIONS: Readonly<Record<string, string>> = {
  agent: 'what routers reported and Hark itself did',
  anonymous: 'a change while no authentication was configured',
}

export const actorTitle = (actor: string): string | undefined => EXPLANATIONS[actor]

/** Explains the actors that are no users, as far as they occur. */
export const ActorNote = ({ actors }: { readonly actors: Iterable<string> }) => {
  const explained = [...new Set(actors)].filter(actor => EXPLANATIONS[actor] !== undefined).sort()
  return explained.length === 0 ? null : (
    <p class="actor-note">
      {explained.map(actor => (
        <span key={actor}>
          <strong>{actor}</strong>: {EXPLANATIONS[actor]}
        </span>
      ))}
    </p>
  )
}
