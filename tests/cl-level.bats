#!/usr/bin/env bats
# cl-level: ontology ids at a common level, and two columns of them compared.

load helper

@test "--to lifts ids to a subset that the ontology names" {
	printf 'id\nCL:0000624\nCL:0000860\nCL:0000066\n' |
		cl-level --to blood_and_immune_upper_slim | cut -f 3 >out
	printf '%s\n' level_name 'alpha-beta T cell' monocyte '' >want
	same want out
}

@test "--to takes a list of ids, and the nearest listed ancestor wins" {
	printf 'id\nCL:0000738\nCL:0000084\n' >slim.tsv
	printf 'cell\tcl_id\na\tCL:0000624\nb\tCL:0000236\nc\tCL:0000084\n' |
		cl-level --to slim.tsv | cut -f 3 >out
	printf '%s\n' level_id CL:0000084 CL:0000738 CL:0000084 >want
	same want out
}

@test "ids of a list that the ontology does not have are all named" {
	printf 'id\nCL:9999999\nCL:0000084\nX:1\n' >slim.tsv
	fails 1 'CL:9999999 \(line 2\), X:1 \(line 4\)' cl-level --to slim.tsv </dev/null
}

@test "--level gives the ancestor at that depth, and shallow ids themselves" {
	printf 'id\nCL:0000000\nCL:0000624\n' | cl-level --level 0 | cut -f 3 >out
	printf '%s\n' level_name cell cell >want
	same want out
	printf 'id\nCL:0000000\n' | cl-level --level 5 | cut -f 2 | grep -qx CL:0000000
}

@test "--lca says what two columns share, how far apart they are and which is above" {
	printf 'a\tb\nCL:0000624\tCL:0000625\nCL:0000084\tCL:0000624\nCL:0000625\tCL:0000084\n%s\n' \
		$'CL:0000084\tCL:0000084' | cl-level -q --lca a,b | cut -f 3,5,6 >out
	printf '%s\n' 'lca	distance	relation' 'CL:0000791	2	conflict' \
		'CL:0000084	3	ancestor' 'CL:0000084	3	descendant' 'CL:0000084	0	same' >want
	same want out
}

@test "obsolete ids are read as what replaced them, unknown ones are counted" {
	printf 'id\nCL:0000003\nCL:0000572\nNOPE\n' >in.tsv
	run_split cl-level --level 0 in.tsv
	[ "$status" -eq 0 ]
	[ "$(cut -f 2 <<<"$output" | tr '\n' ' ')" = 'level_id CL:0000000 CL:0000000  ' ]
	grep -q '1 ids are not in the ontology' <<<"$errors"
}

@test "wrong usage is named" {
	fails 2 'level N, --to FILE or --lca' cl-level </dev/null
	fails 2 'give one' cl-level --level 1 --to x </dev/null
	fails 2 'two columns' cl-level --lca a </dev/null
	printf 'id\n' | fails 1 "no column 'b'|\"b\"|column" cl-level --lca id,b
}

@test "an ontology with a circle is refused, naming the terms" {
	printf '[Term]\nid: CL:1\nname: one\nis_a: CL:2\n\n[Term]\nid: CL:2\nname: two\nis_a: CL:1\n' >c.obo
	fails 1 'c.obo: is_a goes in a circle: CL:1 \(one\) is a CL:2 \(two\) is a CL:1' \
		cl-level --level 1 --ontology c.obo </dev/null
}

@test "a broken OBO file is refused with its line" {
	printf '[Term]\nid: CL:1\nname: one\nsynonym: "open EXACT []\n' >b.obo
	fails 1 'b.obo: line 4: a synonym without its closing quote' \
		cl-level --level 1 --ontology b.obo </dev/null
	printf '[Term]\nid: CL:1\n\n[Term]\nid: CL:1\n' >d.obo
	fails 1 'd.obo: line 4: CL:1 is there already, from line 1' \
		cl-level --level 1 --ontology d.obo </dev/null
}
