# Completion of `pipette FILTER --option`, from what each filter says of itself.
_pipette() {
	local word=${COMP_WORDS[COMP_CWORD]} filter=${COMP_WORDS[1]} previous=${COMP_WORDS[COMP_CWORD - 1]}
	local options choices
	if [ "$COMP_CWORD" = 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W "help type status why verify new doctor $(pipette --list-filters)" -- "$word")
		return
	fi
	case $filter in
	help)
		mapfile -t COMPREPLY < <(compgen -W "$(pipette --list-filters)" -- "$word")
		return
		;;
	type | status | why | verify)
		mapfile -t COMPREPLY < <(compgen -f -X '!*.yaml' -- "$word" && compgen -d -- "$word")
		return
		;;
	esac
	options=$(pipette "$filter" --list-options 2>/dev/null) || options=
	choices=$(awk -F '\t' -v o="${previous#--}" '$2 == o { gsub(",", ""); print $4 }' <<<"$options")
	if [ -n "$choices" ] && [[ $previous == --* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$choices" -- "$word")
	elif [[ $word == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(awk -F '\t' '{ print "--" $2 }' <<<"$options")" -- "$word")
	else
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
	fi
}
complete -o filenames -F _pipette pipette
