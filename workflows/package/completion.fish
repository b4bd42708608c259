# Completion of `pipette FILTER --option`, from what each filter says of itself.
function __pipette_words
	string split ' ' help type status why verify new doctor
	pipette --list-filters
end
function __pipette_options
	set -l words (commandline -opc)
	set -l previous (string replace -r '^--' '' -- $words[-1])
	set -l table (pipette $words[2] --list-options 2>/dev/null)
	for row in $table
		set -l fields (string split \t -- $row)
		if test "$fields[2]" = "$previous" -a -n "$fields[4]" -a "$words[-1]" != "$previous"
			string split ', ' -- $fields[4]
			return
		end
	end
	for row in $table
		echo -- --(string split \t -- $row)[2]
	end
end
complete -c pipette -n 'test (count (commandline -opc)) -eq 1' -f -a '(__pipette_words)'
complete -c pipette -n 'test (count (commandline -opc)) -ge 2; and contains -- (commandline -opc)[2] (pipette --list-filters)' -a '(__pipette_options)'
complete -c pipette -n '__fish_seen_subcommand_from help' -f -a '(pipette --list-filters)'
