import { Argument, type Command } from 'commander'
import { print } from '../../output/print.ts'

/**
 * Each calls the hidden command `__complete`. Bash splits words at = and :, and replaces only what follows the last of
 * them.
 */
const SCRIPTS = {
  bash: `_hark() {
  local line word last=0 breaks='[=:]'
  local -a words=("")
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD}"; do
    if ((last > 0)) && [[ $word == $breaks* || \${words[last]} == *$breaks ]]; then
      words[last]+=$word
    else
      words[++last]=$word
    fi
  done
  word=\${words[last]}
  local replaced=\${word##*$breaks}
  local kept=\${word%"$replaced"}
  while IFS= read -r line; do
    line=\${line#"$kept"}
    [[ -n $line ]] && COMPREPLY+=("$line")
  done < <("\${COMP_WORDS[0]}" __complete -- "\${words[@]:1}" 2>/dev/null)
}
complete -o bashdefault -o default -F _hark hark`,
  zsh: `#compdef hark
_hark() {
  local -a candidates
  candidates=("\${(@f)$("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${candidates[1]}" ]]; then
    compadd -a candidates
  else
    _files
  fi
}
compdef _hark hark`,
  fish: `function __hark_complete
  set -l words (commandline -opc)
  set -a words (commandline -ct)
  set -l candidates ($words[1] __complete -- $words[2..-1] 2>/dev/null)
  if test -n "$candidates"
    printf '%s\\n' $candidates
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c hark -f -a '(__hark_complete)'`,
} as const

const HELP = `
It completes commands, options, kinds, and names of resources, namespaces and contexts. Names come from the engine, if it
responds within half a second.

Examples:
  hark completion bash > ~/.local/share/bash-completion/completions/hark
  source <(hark completion bash)         for this shell
  hark completion zsh > ~/.zfunc/_hark   a folder of $fpath
  hark completion fish > ~/.config/fish/completions/hark.fish`

export const addCompletion = (program: Command): void => {
  program
    .command('completion')
    .summary('print a script that completes commands and names')
    .description('Prints a script for a shell that completes commands, options and names.')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(SCRIPTS)))
    .addHelpText('after', HELP)
    .action((shell: keyof typeof SCRIPTS) => print(SCRIPTS[shell]))
}
