#compdef pipette
# Completion of `pipette FILTER --option`, from what each filter says of itself.
_pipette() {
	local -a words_ options choices
	local filter=${words[2]} previous=${words[CURRENT - 1]} table
	if (( CURRENT == 2 )); then
		words_=(help type status why verify new doctor ${(f)"$(pipette --list-filters)"})
		compadd -a words_
		return
	fi
	case $filter in
	help) words_=(${(f)"$(pipette --list-filters)"}); compadd -a words_; return ;;
	type | status | why | verify) _files -g '*.yaml'; return ;;
	new | doctor) _files; return ;;
	esac
	table=$(pipette $filter --list-options 2>/dev/null)
	choices=(${=$(awk -F '\t' -v o="${previous#--}" '$2 == o { gsub(",", ""); print $4 }' <<<"$table")})
	if [[ $previous == --* ]] && (( ${#choices} )); then
		compadd -a choices
	elif [[ ${words[CURRENT]} == -* ]]; then
		options=(${(f)"$(awk -F '\t' '{ print "--" $2 }' <<<"$table")"})
		compadd -a options
	else
		_files
	fi
}
_pipette "$@"
