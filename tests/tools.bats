# Every tool, the same promises.

load helper

each_tool() {
	local tool
	for tool in "$BIN"/*; do
		[ "$(basename "$tool")" = pipette ] || basename "$tool"
	done
}

@test "there are tools, and each has a man page and tests" {
	local tool n=0
	for tool in $(each_tool); do
		[ -e "$TESTS/../tools/$tool.1" ] || { echo "$tool: no man page"; return 1; }
		[ -e "$TESTS/$tool.bats" ] || { echo "$tool: no tests"; return 1; }
		n=$((n + 1))
	done
	[ "$n" -gt 0 ]
}

@test "--help names the tool, its usage and every option, and fits 100 columns" {
	local tool long
	for tool in $(each_tool); do
		"$tool" --help >help.txt
		head -n 1 help.txt | grep -q "^$tool - " || { echo "$tool: $(head -n 1 help.txt)"; return 1; }
		grep -q "^Usage: $tool " help.txt || { echo "$tool: no usage"; return 1; }
		while IFS=$'\t' read -r _ long _; do
			grep -q -- "--$long" help.txt || { echo "$tool: --$long is not in the help"; return 1; }
		done < <("$tool" --list-options)
		[ "$(wc -L <help.txt)" -le 100 ] || { echo "$tool: a line of $(wc -L <help.txt)"; return 1; }
	done
}

@test "--version says the tool and the version" {
	local tool
	for tool in $(each_tool); do
		"$tool" --version | grep -qE "^$tool \(pipette\) [0-9]+\.[0-9]+\.[0-9]+$" || { echo "$tool"; return 1; }
	done
}

@test "an unknown option exits with 2 and names the option" {
	local tool
	for tool in $(each_tool); do
		fails 2 'no-such-option' "$tool" --no-such-option || { echo "$tool"; return 1; }
		[ "$(wc -l <<<"$errors")" -eq 1 ] || { echo "$tool says more than one line"; return 1; }
	done
}

@test "help on a full disk fails" {
	local tool
	for tool in $(each_tool); do
		run sh -c "$tool --help >/dev/full"
		[ "$status" -eq 1 ] || { echo "$tool: $status"; return 1; }
	done
}

@test "the dispatcher lists every tool and runs it" {
	local tool
	run pipette --help
	[ "$status" -eq 0 ]
	for tool in $(each_tool); do
		grep -q "^  $tool " <<<"$output" || { echo "$tool is not listed"; return 1; }
		pipette "$tool" --help | head -n 1 | grep -q "^$tool - " || { echo "$tool"; return 1; }
	done
	fails 2 'no filter no-such-thing' pipette no-such-thing
}

@test "a compression that there is not is wrong usage, of every filter that writes an h5ad" {
	local tool
	for tool in lognorm h5-select concat h5-subsample gene-normalize h5-import; do
		fails 2 "--compress" "$tool" --compress zstd nowhere.h5ad -o out.h5ad
	done
}
