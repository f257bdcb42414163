const CHARACTER = { width: 7.8, height: 18 }
const MARGIN = 20

const COLOURS: readonly (readonly [RegExp, string])[] = [
  [/^\$ .*/, '#7ee787'],
  [/^\|[#.?\- ]+\|$/, '#79c0ff'],
  [/^ +\+ .*/, '#7ee787'],
  [/^ +- .*/, '#ff7b72'],
  [/ True .*/, '#7ee787'],
  [/\b(Error|Address already in use\S*)\b/, '#ff7b72'],
]

/** Browsers differ in whether `xml:space` preserves spaces; these are always kept. */
const withFixedSpaces = (text: string): string => text.replaceAll(' ', '\u00a0')

const escapeXml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

const colourOf = (line: string): string => COLOURS.find(([pattern]) => pattern.test(line))?.[1] ?? '#c9d1d9'

/** A terminal's text as an SVG, readable on light and dark pages. */
export const terminalPicture = (title: string, text: string): string => {
  const lines = text.split('\n')
  const width = Math.ceil(Math.max(...lines.map(line => line.length)) * CHARACTER.width) + 2 * MARGIN
  const height = lines.length * CHARACTER.height + 2 * MARGIN
  const rows = lines.flatMap((line, index) =>
    line === ''
      ? []
      : [
          `<text x="${MARGIN}" y="${MARGIN + CHARACTER.height * (index + 0.75)}" fill="${colourOf(line)}" textLength="${(line.length * CHARACTER.width).toFixed(1)}">${withFixedSpaces(escapeXml(line))}</text>`,
        ],
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${escapeXml(title)}</title>
<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="13">
${rows.join('\n')}
</g>
</svg>
`
}
