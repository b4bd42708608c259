load helper

# The golden predictions as a calls table and a clusters table.
tables() {
	awk -F '\t' 'NR == 1 { print "cell\tlabel\tconfidence" } NR > 1 { print $1 "\t" $2 "\t0.5" }' \
		"$GOLDEN/lr.$1.vote0.tsv" >calls.tsv
	awk -F '\t' 'NR == 1 { print "cell\tcluster" } NR > 1 { print $1 "\t" $3 }' \
		"$GOLDEN/lr.$1.vote0.tsv" >clusters.tsv
}

small() {
	printf 'cell\tlabel\tconfidence\n' >calls.tsv
	printf 'c%d\t%s\t%s\n' 1 T 0.9 2 T 0.9 3 B 0.9 4 B 0.2 5 NK 0.5 6 B 0.7 >>calls.tsv
	printf 'cell\tcluster\n' >clusters.tsv
	printf 'c%d\t%s\n' 6 y 5 x 4 x 3 x 2 x 1 x >>clusters.tsv
}

column() { awk -F '\t' -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i } NR > 1 { print $c }' "$1"; }

@test "the vote is CellTypist's, at every minimum share" {
	local tag share
	for tag in sk12 sk15; do
		tables "$tag"
		for share in 0 0.5 0.8; do
			vote -q -c clusters.tsv --min-prop "$share" calls.tsv -o voted.tsv
			column voted.tsv majority_voting >ours
			cut -f 4 "$GOLDEN/lr.$tag.vote$share.tsv" | tail -n +2 >theirs
			same ours theirs
		done
	done
}

@test "clusters may be a file in any order or a column of the predictions" {
	tables sk15
	vote -q -c clusters.tsv calls.tsv -o a.tsv
	{ head -n 1 clusters.tsv; tail -n +2 clusters.tsv | sort -r; } >shuffled.tsv
	vote -q -c shuffled.tsv calls.tsv -o b.tsv
	same a.tsv b.tsv
	vote -q -c cluster a.tsv -o c.tsv
	column a.tsv majority_voting >x
	column c.tsv majority_voting >y
	same x y
}

@test "ties go to the first label in byte order, with share, second and entropy" {
	small
	vote -q -c clusters.tsv calls.tsv -o voted.tsv
	[ "$(sed -n 2p voted.tsv)" = "$(printf 'c1\tT\t0.9\tx\tB\t0.4\tT\t5\t1.05492017')" ]
	[ "$(sed -n 7p voted.tsv)" = "$(printf 'c6\tB\t0.7\ty\tB\t1\t\t1\t0')" ]
}

@test "a cluster of many labels is counted as one of few is, and as fast" {
	awk 'BEGIN { OFS = "\t"; print "cell", "label", "confidence", "cluster"
		for (i = 0; i < 4000; i++) print "c" i, "l" (i * i) % 911, (i % 97) / 100, i % 2 ? "odd" : "even" }' >many.tsv
	awk -F '\t' 'NR > 1 { n[$4 "\t" $2]++; c[$4 "\t" $2] += $3 }
		END { for (k in n) printf "%s\t%d\t%.9g\n", k, n[k], c[k] / n[k] }' many.tsv | LC_ALL=C sort -t "$(printf '\t')" -k 1,1 -k 3,3nr -k 2,2 >counts
	vote -q -c cluster many.tsv -o out.tsv
	local cluster
	for cluster in odd even; do
		awk -F '\t' -v c=$cluster '$1 == c { print $2; exit }' counts >theirs
		awk -F '\t' -v c=$cluster 'NR > 1 && $4 == c { print $5 }' out.tsv | uniq >ours
		same ours theirs
	done
	vote -q --keep-rare 0.001 -c cluster many.tsv -o kept.tsv
	awk -F '\t' 'NR == FNR { n[$1 "\t" $2] = $3; mean[$1 "\t" $2] = $4; if (!($1 in leader)) leader[$1] = $2; next }
		FNR > 1 { me = $4 "\t" $2; top = $4 "\t" leader[$4]
			print (n[me] >= 0.001 * 2000 && mean[me] >= mean[top] ? $2 : leader[$4]) }' counts many.tsv >theirs
	column kept.tsv majority_voting >ours
	[ "$(diff ours theirs | grep -c '^<')" -le 4 ] # sums in another order
	awk 'BEGIN { print "cell\tlabel\tconfidence\tcluster"; for (i = 0; i < 60000; i++) printf "c%d\tl%d\t1\tx\n", i, i }' >all.tsv
	( ulimit -t 5; vote -q -c cluster --keep-rare 0.5 all.tsv -o out.tsv )
}

@test "votes weighed by confidence" {
	small
	vote -q --weights confidence -c clusters.tsv calls.tsv -o voted.tsv
	[ "$(column voted.tsv majority_voting | sort | uniq -c | tr -s ' ' | paste -sd,)" = " 1 B, 5 T" ]
}

@test "labels that voting loses are named" {
	small
	run_split vote -c clusters.tsv calls.tsv
	grep -q 'leaves 1 of 3 labels; lost: NK, T' <<<"$errors"
}

@test "--keep-rare keeps minorities that are as confident as the leader" {
	small
	vote -q --keep-rare 0.3 -c clusters.tsv calls.tsv -o voted.tsv
	[ "$(column voted.tsv majority_voting | paste -sd,)" = "T,T,B,B,B,B" ]
	vote -q --keep-rare 0.5 -c clusters.tsv calls.tsv -o voted.tsv
	[ "$(column voted.tsv majority_voting | paste -sd,)" = "B,B,B,B,B,B" ]
}

@test "--per-class counts labels per cluster" {
	small
	vote -q -c clusters.tsv --per-class table.tsv calls.tsv -o voted.tsv
	awk -F '\t' 'NR > 1 { n += $3 } END { exit n != 6 }' table.tsv
	[ "$(wc -l <table.tsv)" -eq 5 ]
}

@test "voting twice changes nothing" {
	tables sk15
	vote -q -c clusters.tsv calls.tsv -o once.tsv
	vote -q -c clusters.tsv once.tsv -o twice.tsv
	same once.tsv twice.tsv
}

@test "permuting cells permutes answers" {
	tables sk15
	vote -q -c clusters.tsv calls.tsv | sort >a
	{ head -n 1 calls.tsv; tail -n +2 calls.tsv | sort -r; } | vote -q -c clusters.tsv | sort >b
	same a b
}

@test "missing, extra and repeated cells are errors with counts" {
	small
	sed -i 3d clusters.tsv
	fails 1 '1 of the 6 cells of calls.tsv are missing \(such as c5\)' vote -c clusters.tsv calls.tsv -o out.tsv
	printf 'c5\tx\nc9\tx\n' >>clusters.tsv
	fails 1 '1 of its 7 cells are not in calls.tsv \(such as c9\)' vote -c clusters.tsv calls.tsv -o out.tsv
	printf 'c1\tx\n' >>clusters.tsv
	fails 1 'line 9: the cell c1 is there twice' vote -c clusters.tsv calls.tsv -o out.tsv
	printf 'c1\tB\t0.1\n' >>calls.tsv
	fails 1 'calls.tsv: line 8: the cell c1 is there twice' vote -c clusters.tsv calls.tsv -o out.tsv
	[ ! -e out.tsv ]
}

@test "bad numbers, empty files and missing columns are errors" {
	small
	fails 2 '-c is needed' vote calls.tsv
	fails 1 'no file or column clustr.*did you mean' vote -c clustr <(printf 'cell\tlabel\tcluster\na\tT\t1\n')
	sed -i 's/0.9/high/' calls.tsv
	fails 1 'line 2: confidence is not a number: high' vote -c clusters.tsv calls.tsv
	: >empty.tsv
	fails 1 'empty.tsv: empty' vote -c clusters.tsv empty.tsv
	fails 1 'no column label' vote -c clusters.tsv clusters.tsv
}

@test "one cluster is voted on, with a warning" {
	small
	sed -i 's/y$/x/' clusters.tsv
	run_split vote -q -c clusters.tsv calls.tsv
	[ "$status" -eq 0 ]
	grep -q 'only one cluster' <<<"$errors"
}

@test "CR LF, gzip and a missing last line end change nothing" {
	small
	vote -q -c clusters.tsv calls.tsv -o want.tsv
	sed 's/$/\r/' calls.tsv >crlf.tsv
	gzip -k clusters.tsv
	printf '%s' "$(<clusters.tsv)" >unended.tsv
	vote -q -c clusters.tsv.gz crlf.tsv | same - want.tsv
	vote -q -c unended.tsv - <calls.tsv | same - want.tsv
	head -n 1 calls.tsv >header.tsv
	[ "$(vote -q -c label header.tsv 2>&1 | wc -l)" -eq 1 ]
}

@test "infinite confidences, cells in no cluster and shares beyond 1 are errors" {
	small
	sed 's/0.9/inf/' calls.tsv >inf.tsv
	fails 1 'line 2: confidence is infinite' vote -c clusters.tsv inf.tsv
	sed 's/0.9/nan/' calls.tsv >nan.tsv
	vote -q -c clusters.tsv nan.tsv >/dev/null
	fails 1 'has no confidence' vote --weights confidence -c clusters.tsv nan.tsv
	sed -i 's/y$//' clusters.tsv
	fails 1 'clusters.tsv: [0-9]+ of 6 cells are in no cluster \(such as c[0-9]\)' vote -c clusters.tsv calls.tsv
	fails 2 'a share from 0 to 1' vote --min-prop 2 -c clusters.tsv calls.tsv
	fails 2 'a share from 0 to 1' vote --keep-rare -0.1 -c clusters.tsv calls.tsv
}

@test "any number of threads gives the same bytes" {
	awk 'BEGIN { print "cell\tlabel\tconfidence\tcluster"
		for (i = 0; i < 50000; i++) print "cell" i "\ttype " (i * 7919 % 13) "\t" i / 50000 "\t" i % 301 }' >many.tsv
	vote -q -t 1 -c cluster many.tsv -o one.tsv 2>/dev/null
	vote -q -t 5 -c cluster many.tsv -o five.tsv 2>/dev/null
	same one.tsv five.tsv
	[ "$(wc -l <one.tsv)" -eq 50001 ]
}

@test "how strange clusters are, and cells of their label mostly are; labels need not be voted on" {
	printf 'cell\tlabel\tconfidence\tnovelty\n' >calls.tsv
	printf 'c%s\t%s\t0.9\t%s\n' 1 T 0.2 2 T 0.4 3 T 0.3 4 T 2.5 5 B 2.7 6 B '' 7 B '' >>calls.tsv
	printf 'cell\tcluster\n' >clusters.tsv
	printf 'c%s\t%s\n' 1 x 2 x 3 x 4 y 5 y 6 y 7 z >>clusters.tsv
	vote -q --pool-from 7 -c clusters.tsv calls.tsv -o voted.tsv
	# medians .3 and 2.6, none of z; of T's cells three are in x and one in y, of B's two in y
	[ "$(column voted.tsv novelty_voted | paste -sd,)" = 0.3,0.3,0.3,2.6,2.6,2.6, ]
	[ "$(column voted.tsv novelty_usual | paste -sd,)" = 0.3,0.3,0.3,0.3,2.6,2.6,2.6 ]
	vote -q --novelty --pool-from 1 -c clusters.tsv calls.tsv -o only.tsv
	[ "$(head -n 1 only.tsv)" = "$(head -n 1 calls.tsv)	cluster	novelty_voted	novelty_usual" ]
	cut -f 5,11,12 voted.tsv | same - <(cut -f 5-7 only.tsv)
	vote -q -t 3 --pool-from 1 -c cluster only.tsv -o again.tsv
	[ "$(column again.tsv novelty_usual | paste -sd,)" = 0.3,0.3,0.3,0.3,2.6,2.6,2.6 ]
	(head -n 1 calls.tsv; tail -n +2 calls.tsv | tac) | vote -q --novelty --pool-from 1 -c clusters.tsv | tail -n +2 | tac | same - <(tail -n +2 only.tsv)
	# few cells make clusters of two or three: gate goes by cells
	vote -q --novelty -c clusters.tsv calls.tsv -o few.tsv
	[ "$(cut -f 6,7 few.tsv | sed 1d | sort -u)" = "$(printf '\t')" ]
	for how in '' '--far clusters' '--far cells'; do
		# shellcheck disable=SC2086
		[ "$(gate -q $how --max-novelty 2.6 few.tsv | awk -F '\t' '$2 == "Unknown" { print $1 }')" = c5 ]
	done
	sed -i 's/0.4$/strange/' calls.tsv
	fails 1 'calls.tsv: line 3: .*strange' vote -c clusters.tsv calls.tsv -o x.tsv
	cut -f 1-3 calls.tsv >bare.tsv
	run_split vote --novelty -c clusters.tsv bare.tsv -o x.tsv
	grep -q 'no column novelty' <<<"$errors"
	fails 2 'no label is voted on' vote --novelty --min-prop 0.5 -c clusters.tsv calls.tsv
}

@test "ids that calls bring: the winning label's goes beside it, and gate takes it" {
	printf 'cell\tlabel\tconfidence\tcl_id\na\tB\t1\tCL:0000236\nb\tB\t1\tCL:0000236\nc\tT\t1\tCL:0000084\nd\todd\t1\t\n' >calls.tsv
	printf 'cell\tcluster\na\t1\nb\t1\nc\t1\nd\t2\n' >clusters.tsv
	vote -q -c clusters.tsv calls.tsv -o voted.tsv 2>/dev/null
	[ "$(head -n 1 voted.tsv | tr '\t' '\n' | tail -n 1)" = cl_id_voted ]
	[ "$(sed 1d voted.tsv | awk -F '\t' '{ print $NF }' | paste -sd ,)" = 'CL:0000236,CL:0000236,CL:0000236,' ]
	gate -q --column majority_voting voted.tsv -o gated.tsv
	[ "$(cut -f 2,4 gated.tsv | sed 1d)" = "$(printf 'B\tCL:0000236\nB\tCL:0000236\nB\tCL:0000236\nodd\t')" ]
	vote -q -c clusters.tsv voted.tsv 2>/dev/null | same - voted.tsv
}
