load helper

# calls NAME: cells and calls from "truth call count" lines.
tables() {
	awk -v name="$1" 'BEGIN { OFS = "\t"; print "cell", "label" >name ".truth.tsv"; print "cell", "label", "confidence" >name ".calls.tsv" }
		{ for (i = 0; i < $3; i++) { n++; print name n, $1 >name ".truth.tsv"; print name n, $2, 1 >name ".calls.tsv" } }'
}

@test "labels match, split, are new or stay out, as scHPL has it" {
	printf 'A1 B1 50\nA1 B2 50\nA2 B3 100\n' | tables old
	printf 'B1 A1 100\nB2 A1 100\nB3 A2 99\nB4 Unknown 80\n' | tables new
	run_split tree-learn --report r.tsv --old-truth old.truth.tsv --new-truth new.truth.tsv old.calls.tsv new.calls.tsv -o t.nwk
	grep -q '4 of 4 new labels found a place' <<<"$errors"
	[ "$(<t.nwk)" = '((B1,B2)A1,A2=B3,B4)root;' ]
	[ "$(tail -n +2 r.tsv | tr '\t\n' ' ,')" = 'B1 split,B2 split,B3 match,B4 new,' ]
	printf 'A1 C1 50\nA2 C1 50\n' | tables older
	printf 'C1 A1 50\nC1 A2 50\n' | tables newer
	[ "$(tree-learn -q --old-truth older.truth.tsv --new-truth newer.truth.tsv older.calls.tsv newer.calls.tsv)" = '(A1,A2)root=C1;' ]
}

@test "a tree that is given grows, and contradictory labels are missing unless attached" {
	echo '((A1,A2)A,A3)root;' >t.nwk
	printf 'A1 B1 90\nA2 B1 90\nA3 B2 90\n' | tables old
	printf 'B1 A 95\nB2 A3 90\n' | tables new
	[ "$(tree-learn -q --tree t.nwk --old-truth old.truth.tsv --new-truth new.truth.tsv old.calls.tsv new.calls.tsv)" = '((A1,A2)A=B1,A3=B2)root;' ]
	printf 'A1 B1 50\nA1 B2 50\nA2 B1 50\nA2 B2 50\n' | tables old
	printf 'B1 A1 50\nB1 A2 50\nB2 A1 50\nB2 A2 50\n' | tables new
	[ "$(tree-learn -q --old-truth old.truth.tsv --new-truth new.truth.tsv old.calls.tsv new.calls.tsv)" = '(A1,A2)root;' ]
	[ "$(tree-learn -q --attach-missing --old-truth old.truth.tsv --new-truth new.truth.tsv old.calls.tsv new.calls.tsv)" = '(A1,A2,B1,B2)root;' ]
}

@test "labels and tree that do not go together are told" {
	printf 'A1 B1 9\n' | tables old
	printf 'B1 A1 9\n' | tables new
	echo '(X,Y)root;' >t.nwk
	fails 1 "label 'A1' is not in the tree" tree-learn --tree t.nwk --old-truth old.truth.tsv --new-truth new.truth.tsv old.calls.tsv new.calls.tsv
	fails 1 "called .B1., which is not in the tree" tree-learn --old-truth old.truth.tsv --new-truth old.truth.tsv old.calls.tsv old.calls.tsv
	echo '((A1)root;' >t.nwk
	fails 1 't.nwk: tree: byte 10: a parenthesis is not closed' tree-learn --tree t.nwk --old-truth old.truth.tsv --new-truth new.truth.tsv old.calls.tsv new.calls.tsv
	fails 2 'two tables' tree-learn --old-truth old.truth.tsv --new-truth new.truth.tsv old.calls.tsv
}
