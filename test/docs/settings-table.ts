import {
  defaultText,
  flagName,
  SETTING_NAMES,
  SETTINGS,
  type SettingDeclaration,
  variableName,
} from '../../src/config/settings.ts'

const TABLE = /(?<=<!-- settings:begin -->\n)[\s\S]*(?=<!-- settings:end -->)/

/** The settings of `hark serve` as a Markdown table. */
const settingsTable = (): string => {
  const rows = SETTING_NAMES.map(name => {
    const { value = '', description, repeatable }: SettingDeclaration = SETTINGS[name]
    const flag = `\`${[flagName(name), value].join(' ').trim().replaceAll('|', '\\|')}\``
    const key = name === 'data' ? '' : `\`${name}\``
    return [
      flag,
      `\`${variableName(name)}\``,
      key,
      defaultText(name),
      `${description}${repeatable ? '; repeatable' : ''}`,
    ]
  })
  const header = ['flag', 'variable', 'in `hark.yaml`', 'default', 'meaning']
  return [header, header.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n')
}

/** The page with the table between its markers brought up to date. */
export const withSettingsTable = (page: string): string => page.replace(TABLE, () => `\n${settingsTable()}\n\n`)
