# manifest.bash - the manifest of a step that is a script, in the form that the filters' have. To be
# sourced; says nothing and makes no file but the one it is told.
#
#	manifest_write m.json lr-predict calls.tsv "$(manifest_input query.h5ad)" '  "counts": {"cells": 3}'
#
# The lines behind the output are more members of the object, as JSON without the comma between them.

# json_text TEXT: as a JSON string.
json_text() {
	local text=${1//[[:cntrl:]]/}
	text=${text//\\/\\\\}
	printf '"%s"' "${text//\"/\\\"}"
}

# manifest_input PATH: the member that names the one input.
manifest_input() { printf '  "inputs": [\n    {\n      "path": %s\n    }\n  ]' "$(json_text "$1")"; }

# manifest_write FILE TOOL OUTPUT [MEMBER...]
manifest_write() {
	local file=$1 tool=$2 output=$3
	shift 3
	{
		printf '{\n  "tool": %s,\n' "$(json_text "$tool")"
		[ $# -eq 0 ] || printf '%s,\n' "$@"
		printf '  "outputs": [\n    {\n      "path": %s,\n      "size": %s,\n      "sha256": "%s"\n    }\n  ]\n}\n' \
			"$(json_text "$output")" "$(wc -c <"$output")" "$(sha256sum <"$output" | cut -d ' ' -f 1)"
	} >"$file"
}
