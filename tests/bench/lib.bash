# lib.bash - what every benchmark piece uses.
#
#   compare TITLE GOAL_SPEED GOAL_MEMORY 'OUR COMMAND' 'THEIR COMMAND'
#	runs both in turn, RUNS times each, and prints a row: medians of seconds and of peak
#	megabytes, the ratios theirs/ours, and whether they reach the goals ("-" for none)
#   measure TITLE 'COMMAND' [SECONDS [MEGABYTES]]
#	ours alone, and whether it keeps within so many ("-" for any)
#   data NAME OPTIONS...	a generated file, made once (make-counts OPTIONS), its path on stdout
#
# BIN, PYTHON, DATA_FOLDER, PEER_SCRIPTS and RUNS are set by tests/bench/run. Where other work runs
# beside, seconds on the clock say little: BENCH_CPU=1 compares seconds of all processors instead.

median() { sort -g | awk '{ x[NR] = $1 } END { print NR % 2 ? x[(NR + 1) / 2] : (x[NR / 2] + x[NR / 2 + 1]) / 2 }'; }

# Seconds and peak kilobytes of one run of a shell command; its own words go to a log. What the run
# before it left is gone by then, and the disk idle: what one side did not wait for (a gigabyte still
# in memory, or being freed) is not to be waited for by the other.
once() {
	rm -f "$DATA_FOLDER/out.h5ad"
	sync
	/usr/bin/time -f '%e %M %U %S' -o "$DATA_FOLDER/time" bash -c "exec $1" >>"$DATA_FOLDER/log" 2>&1 ||
		{ echo "bench: failed: $1 (see $DATA_FOLDER/log)" >&2; return 1; }
	tail -n 1 "$DATA_FOLDER/time" | awk -v cpu="${BENCH_CPU-}" '{ print cpu ? $3 + $4 : $1, $2 }'
}

column() { awk -v c="$1" '{ print $c }' "$2"; }

row_of() { # row_of TITLE OURS THEIRS GOAL_SPEED GOAL_MEMORY, two files of "seconds kilobytes"
	awk -v title="$1" -v s="$(column 1 "$2" | median)" -v m="$(column 2 "$2" | median)" \
		-v ps="$(column 1 "$3" | median)" -v pm="$(column 2 "$3" | median)" -v gs="$4" -v gm="$5" '
	function verdict(have, goal) { return goal == "-" ? "" : have >= goal ? " (goal " goal ": met)" : " (goal " goal ": MISSED)" }
	BEGIN { printf "| %s | %.2f s, %.0f MB | %.2f s, %.0f MB | %.1fx%s | %.1fx%s |\n",
		title, s, m / 1024, ps, pm / 1024, ps / s, verdict(ps / s, gs), pm / m, verdict(pm / m, gm) }'
}

compare() {
	local title=$1 speed=$2 memory=$3 ours=$4 theirs=$5 i
	: >"$DATA_FOLDER/ours" >"$DATA_FOLDER/theirs"
	for ((i = 0; i < RUNS; i++)); do
		once "$ours" >>"$DATA_FOLDER/ours" || return 1
		once "$theirs" >>"$DATA_FOLDER/theirs" || return 1
	done
	row_of "$title" "$DATA_FOLDER/ours" "$DATA_FOLDER/theirs" "$speed" "$memory"
}

measure() {
	local title=$1 command=$2 i
	: >"$DATA_FOLDER/ours"
	for ((i = 0; i < RUNS; i++)); do
		once "$command" >>"$DATA_FOLDER/ours" || return 1
	done
	awk -v title="$title" -v s="$(column 1 "$DATA_FOLDER/ours" | median)" -v m="$(column 2 "$DATA_FOLDER/ours" | median)" \
		-v most="${3:--}" -v room="${4:--}" '
	function within(have, goal, unit) { return goal == "-" ? "" : " (goal " goal " " unit ": " (have <= goal ? "met" : "MISSED") ")" }
	BEGIN { printf "| %s | %.2f s%s, %.0f MB%s | | | |\n", title, s, within(s, most, "s"), m / 1024, within(m / 1024, room, "MB") }'
}

data() {
	local file=$DATA_FOLDER/$1.h5ad
	shift
	[ -e "$file" ] || "$BENCH_BIN/make-counts" "$@" -o "$file" >&2
	echo "$file"
}

# How fast the checked stream reads a file, next to plain HDF5 reading of the same datasets.
rate() {
	"$BENCH_BIN/stream-rate" -q "$1" | awk -F '\t' '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		{ rate[$1] = $at["GB_per_s"] }
		END { printf "| reading alone, checked stream against plain HDF5 | %.2f GB/s | %.2f GB/s | %.2fx | |\n",
			rate["stream"], rate["hdf5"], rate["stream"] / rate["hdf5"] }'
}
