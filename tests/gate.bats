load helper

small() {
	printf 'cell\tlabel\tconfidence\tmargin\tsecond\n' >calls.tsv
	printf 'c1\tT\t0.9\t0.8\tB\nc2\tB\t0.29\t0.2\tT\nc3\tB\t0.6\t0.05\tT\nc4\tNK\t\t\tT\nc5\tT\t0.3\t0.3\tB\n' >>calls.tsv
}

@test "cells under the confidence become Unknown, with the reason and the old label" {
	small
	gate -q calls.tsv -o out.tsv
	cat >want <<-'E'
	cell	label	confidence	margin	second	label_original	reason
	c1	T	0.9	0.8	B	T	
	c2	Unknown	0.29	0.2	T	B	LOW
	c3	B	0.6	0.05	T	B	
	c4	Unknown			T	NK	LOW
	c5	T	0.3	0.3	B	T	
	E
	same out.tsv want
}

@test "a small lead is a tie, and both reasons are given" {
	small
	gate -q --min-margin 0.25 calls.tsv | cut -f 7 | tail -n +2 >reasons
	[ "$(paste -sd, reasons)" = ",LOW;TIE,TIE,LOW;TIE," ]
}

@test "gating again starts over from the original labels" {
	small
	gate -q --min-confidence 0.95 calls.tsv -o strict.tsv
	gate -q strict.tsv -o again.tsv
	gate -q calls.tsv -o once.tsv
	same again.tsv once.tsv
}

@test "the label is the user's" {
	small
	[ "$(gate -q --label 'Not sure' calls.tsv | cut -f 2 | grep -c 'Not sure')" -eq 2 ]
}

@test "voted labels may be judged instead" {
	printf 'cell\tlabel\tconfidence\tmajority_voting\nc1\tT\t0.9\tB\nc2\tT\t0.1\tB\n' >voted.tsv
	gate -q --column majority_voting voted.tsv -o out.tsv
	# the answer, the vote, the cell's own call, the reason
	[ "$(cut -f 2,4,5,6 out.tsv | tail -n +2 | tr '\t\n' ' ,')" = "B B T ,Unknown B T LOW," ]
	gate -q --column majority_voting out.tsv | same - out.tsv
	fails 1 'no column majority_votin.*did you mean majority_voting' gate --column majority_votin voted.tsv
}

@test "counts are told" {
	small
	run_split gate calls.tsv
	grep -q '2 of 5 cells are Unknown (LOW 2)' <<<"$errors"
}

@test "bad tables are errors with the place" {
	small
	sed -i 's/0.29/low/' calls.tsv
	fails 1 'calls.tsv: line 3: confidence is not a number: low' gate calls.tsv -o out.tsv
	[ ! -e out.tsv ]
	small
	echo 'c3	T	0.5	0.1	B' >>calls.tsv
	fails 1 'calls.tsv: line 7: the cell c3 is there twice' gate calls.tsv -o out.tsv
	[ ! -e out.tsv ]
	fails 1 'no column confidence' gate <(printf 'cell\tlabel\na\tT\n')
	fails 1 'no column margin' gate --min-margin 0.1 <(printf 'cell\tlabel\tconfidence\na\tT\t1\n')
	fails 1 'No such file' gate nowhere.tsv
	fails 1 'No space left' gate <(printf 'cell\tlabel\tconfidence\na\tT\t1\n') -o /dev/full
}

@test "an ontology id goes with its label, and comes back with it" {
	printf 'cell\tlabel\tconfidence\tcl_id\tmajority_voting\n' >calls.tsv
	printf 'c1\tT cell\t0.9\tCL:0000084\tT cell\nc2\tB cell\t0.4\tCL:0000236\tT cell\n' >>calls.tsv
	gate -q --min-confidence 0.5 calls.tsv -o out.tsv
	[ "$(cut -f 2,4,6-8 out.tsv | tail -n +2 | tr '\t\n' '|,')" = 'T cell|CL:0000084|T cell||CL:0000084,Unknown||B cell|LOW|CL:0000236,' ]
	gate -q --min-confidence 0.1 out.tsv | cut -f 1-5 >again.tsv
	same again.tsv calls.tsv
	gate -q --min-confidence 0.1 --column majority_voting calls.tsv -o out.tsv
	[ "$(cut -f 2,4 out.tsv | tail -n +2 | tr '\t\n' '|,')" = 'T cell|CL:0000084,T cell|,' ]
}

@test "an Unknown cell has nothing of the label it lost: no id, no name, no score, in CELLxGENE's words unknown" {
	printf 'cell\tlabel\tconfidence\tcl_id\tcl_name\tcl_score\n' >calls.tsv
	printf 'c1\tT\t0.9\tCL:0000084\tT cell\t0.8\nc2\tB\t0.4\tCL:0000236\tB cell\t0.7\n' >>calls.tsv
	gate -q --min-confidence 0.5 calls.tsv -o out.tsv
	[ "$(tail -n 1 out.tsv | tr '\t' '|')" = 'c2|Unknown|0.4||||B|LOW|CL:0000236|B cell|0.7' ]
	gate -q --min-confidence 0.95 out.tsv -o strict.tsv
	! cut -f 4-6 strict.tsv | tail -n +2 | grep -q '[^	]' || false
	gate -q --min-confidence 0.1 strict.tsv | cut -f 1-6 >again.tsv
	same again.tsv calls.tsv
	h5-select -q --shard 1/100 "$GOLDEN/sample_lognorm.h5ad" -o two.h5ad
	h5-obs get two.h5ad | cut -f 1 | sed 1d | head -n 2 >cells
	h5-select -q --cells cells two.h5ad -o few.h5ad
	(head -n 1 out.tsv && paste cells <(sed 1d out.tsv | cut -f 2-)) >named.tsv
	h5-obs put --preset cellxgene -f named.tsv few.h5ad -o typed.h5ad
	h5-obs get -c cell_type_ontology_term_id typed.h5ad | cut -f 2 | paste -sd, >ids
	[ "$(<ids)" = cell_type_ontology_term_id,CL:0000084,unknown ]
}

@test "--none lets every label stand, in the columns of a gated table" {
	printf 'cell\tlabel\tconfidence\tn_counts\na\tB\t0.01\t5\nb\tT\t0.9\t0\n' >calls.tsv
	gate -q --none calls.tsv -o out.tsv
	printf 'cell\tlabel\tconfidence\tn_counts\tlabel_original\treason\na\tB\t0.01\t5\tB\t\nb\tT\t0.9\t0\tT\t\n' >want
	same out.tsv want
}

@test "a threshold that is no share is wrong usage" {
	printf 'cell\tlabel\tconfidence\nc1\tT\t0.9\n' >calls.tsv
	fails 2 '--min-confidence 30: a share from 0 to 1' gate --min-confidence 30 calls.tsv -o out.tsv
	fails 2 'a share from 0 to 1' gate --min-margin -1 calls.tsv -o out.tsv
	[ ! -e out.tsv ]
}

@test "a threshold over a softmax model's confidence is warned of, as the predictions say what they are" {
	lr-train -q -l bulk_labels --min-cells 4 --loss softmax --factors 0 "$TESTS/../refs/demo/pbmc_train.h5ad" -o soft.h5
	lr-predict -q -m soft.h5 "$TESTS/../refs/demo/pbmc_query.h5ad" -o soft.tsv
	head -n 1 soft.tsv | grep -qP '\tlink$'
	n=$(($(wc -l <soft.tsv) - 1))
	gate soft.tsv -o gated.tsv 2>message
	grep -q "$n of $n cells have the confidence of a softmax model" message
	gate --min-confidence 0 --min-margin 0.1 soft.tsv -o gated.tsv 2>message
	! grep softmax message
	cut -f 1-7 soft.tsv >plain.tsv
	gate plain.tsv -o gated.tsv 2>message
	! grep softmax message
}

@test "a cell without counts is EMPTY, one that is not as sure as its depth asks for is DEPTH" {
	printf 'cell\tlabel\tconfidence\tn_counts\tn_genes\tconfidence_needed\n' >calls.tsv
	printf 'c1\tT\t0.9\t0\t0\t1\nc2\tT\t0.8\t7\t6\t0.85\nc3\tT\t0.2\t7\t6\t0.85\nc4\tT\t0.85\t7\t6\t0.85\nc5\tT\t0.4\t900\t600\t0\n' >>calls.tsv
	gate -q calls.tsv | cut -f 2,8 | tail -n +2 >got
	printf 'Unknown\tEMPTY\nUnknown\tDEPTH\nUnknown\tDEPTH;LOW\nT\t\nT\t\n' >want
	same got want
	gate -q --depth no calls.tsv | cut -f 2,8 | tail -n +2 >got
	printf 'Unknown\tEMPTY\nT\t\nUnknown\tLOW\nT\t\nT\t\n' >want
	same got want
	# a calibrated probability knows of depth
	awk -F '\t' -v OFS='\t' '{ print $0, NR == 1 ? "probability" : NR == 3 ? "0.6" : NR == 4 ? "0.59" : "0.9" }' calls.tsv |
		sed 's/\t7\t6\t/\t32\t6\t/' >sure.tsv
	gate -q sure.tsv | cut -f 2,9 | tail -n +2 >got
	printf 'Unknown\tEMPTY\nT\t\nUnknown\tDEPTH\nT\t\nT\t\n' >want
	same got want
	sed 's/\t32\t6\t/\t31\t6\t/' sure.tsv | gate -q | cut -f 2,9 | tail -n +2 >got
	printf 'Unknown\tEMPTY\nUnknown\tDEPTH\nUnknown\tDEPTH\nT\t\nT\t\n' >want
	same got want
}

@test "FAR goes by the limit that each row's model learnt, else by 2.75, and bows to --max-novelty" {
	printf 'cell\tlabel\tconfidence\tprobability\tnovelty\tnovelty_limit\n' >calls.tsv
	printf '%s\tB\t.9\t.9\t%s\t%s\n' near 1.4 1.5 far 1.6 1.5 other 2.5 2.6 none 2.7 '' beyond 2.8 '' >>calls.tsv
	far() { gate -q "$@" calls.tsv | awk -F '\t' '$2 == "Unknown" { printf "%s ", $1 }'; }
	[ "$(far)" = 'far beyond ' ]
	[ "$(far --max-novelty 2)" = 'other none beyond ' ]
	[ "$(far --max-novelty 0)" = '' ]
	cut -f 1-5 calls.tsv >bare.tsv && mv bare.tsv calls.tsv
	[ "$(far)" = 'beyond ' ]
}

@test "FAR by clusters, where vote has said how strange they are: beyond the limit, or near it and stranger than their label's" {
	printf 'cell\tlabel\tconfidence\tnovelty\tnovelty_limit\tnovelty_voted\tnovelty_usual\n' >calls.tsv
	printf '%s\tB\t.9\t%s\t2\t%s\t%s\n' noise 3 .5 .4 beyond .1 2.1 2 near .1 1.6 .5 moved .1 1.6 .7 under .1 1.4 0 alone 2.1 '' .1 >>calls.tsv
	far() { gate -q "$@" calls.tsv | awk -F '\t' '$2 == "Unknown" { printf "%s ", $1 }'; }
	[ "$(far)" = 'beyond near alone ' ]
	[ "$(far --far clusters)" = 'beyond near alone ' ]
	[ "$(far --far cells)" = 'noise alone ' ]
	[ "$(far --max-novelty 3)" = '' ]
	[ "$(far --max-novelty 0)" = '' ]
	gate -q calls.tsv -o once.tsv
	gate -q once.tsv | same - once.tsv
	cut -f 1-5 calls.tsv >bare.tsv
	fails 1 'no column novelty_voted' gate --far clusters bare.tsv
	sed -i 's/\t.5\t.4$/\tx\t.4/' calls.tsv
	fails 1 'line 2: novelty_voted is not a number' gate calls.tsv
}

@test "FAR, COVER, SPLIT and LOW by probability, each by its column" {
	printf 'cell\tlabel\tconfidence\tmargin\tprobability\tnovelty\texplained\tdisagreement\n' >calls.tsv
	printf '%s\n' 'sure	B	.2	.5	.9	.1	.9	0' 'far	B	.9	.5	.9	3.5	.9	0' 'bare	B	.9	.5	.9	.1	.1	0' \
		'split	B	.9	.5	.9	.1	.9	.7' 'low	B	.9	.5	.2	.1	.9	0' 'empty	B	.1	.5			.9	0' 'all	B	.1	.5	.1	9	.1	1' >>calls.tsv
	gate -q --max-disagreement .5 calls.tsv | awk -F '\t' 'NR > 1 { print $1 "=" $2 "=" $10 }' >have
	printf '%s\n' sure=B= far=Unknown=FAR bare=Unknown=COVER split=Unknown=SPLIT low=Unknown=LOW empty=Unknown=LOW \
		'all=Unknown=COVER;FAR;SPLIT;LOW' | diff - have
	gate -q --max-novelty 0 --min-explained 0 --min-probability 0 calls.tsv | awk -F '\t' 'NR > 1 && $2 == "Unknown" { print $1 }' >have
	[ "$(<have)" = empty ]
	fails 2 'max-novelty' gate --max-novelty -1 calls.tsv
}

@test "--climb: what is not sure enough climbs to the first term above that is, before Unknown" {
	printf 'cell\tlabel\tconfidence\tprobability\tnovelty\tabove\tcl_id\tcl_name\n' >calls.tsv
	up='0.3 CL:0000791 mature T|0.7 CL:0000084 T cell|0.9 - lymphoid'
	printf '%s\n' "sure	CD4 T	.5	.6	0	$up	CL:0000624	x" "low	CD4 T	.5	.2	0	$up	CL:0000624	x" \
		"lower	CD8 T	.5	.1	0	0.1 CL:0000084 T cell|0.8 - lymphoid	CL:0000625	x" "lost	NK	.5	.1	0	0.2 - x	CL:0000623	x" \
		"none	NK	.5	.1	0		CL:0000623	x" "far	CD4 T	.5	.2	9	$up	CL:0000624	x" >>calls.tsv
	gate --climb calls.tsv -o out.tsv 2>message
	cut -f 1,2,7-10 out.tsv | tail -n +2 | tr '\t' '=' >have
	printf '%s\n' 'sure=CD4 T=CL:0000624=x=CD4 T=' 'low=T cell=CL:0000084=T cell=CD4 T=CLIMB;LOW' 'lower=lymphoid===CD8 T=CLIMB;LOW' \
		'lost=Unknown===NK=LOW' 'none=Unknown===NK=LOW' 'far=Unknown===CD4 T=FAR;LOW' | diff - have
	grep -q '5 of 6 cells are in doubt (FAR 1, LOW 5): 2 climbed to a term above, 3 are Unknown' message
	gate -q --climb out.tsv | same - out.tsv
	[ "$(gate -q out.tsv | cut -f 2 | sed -n 3p)" = Unknown ]
	[ "$(gate -q --climb --min-probability .75 calls.tsv | cut -f 2 | sed -n 3p)" = lymphoid ]
	sed -i 's/0.3 CL:0000791 mature T|//; s/0.7 CL/CL/' calls.tsv
	fails 1 'calls.tsv: line 3: above: no probability' gate --climb calls.tsv
	small
	run_split gate --climb calls.tsv
	grep -q 'calls.tsv has no column above: nothing climbs' <<<"$errors"
}

@test "--climb leaves a voted label that is not the cell's own" {
	printf 'cell\tlabel\tconfidence\tprobability\tabove\tmajority_voting\nc1\tCD4 T\t.5\t.2\t0.7 - T cell\tB\nc2\tCD4 T\t.5\t.2\t0.7 - T cell\tCD4 T\n' >voted.tsv
	[ "$(gate -q --climb --column majority_voting voted.tsv | cut -f 2 | tail -n 2 | paste -sd,)" = 'Unknown,T cell' ]
}
