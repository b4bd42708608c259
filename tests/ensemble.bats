load helper

three() {
	printf 'cell\tlabel\tconfidence\tmargin\tsecond\tentropy\tmodel\n' | tee a.tsv b.tsv >c.tsv
	printf 'c1\tT\t0.9\t0.8\tB\t0.1\tA\nc2\tB\t0.4\t0.1\tT\t0.9\tA\nc3\tT\t0.5\t0.2\tB\t0.5\tA\n' >>a.tsv
	printf 'c3\tB\t0.5\t0.3\tT\t0.4\tB\nc1\tT\t0.7\t0.6\tB\t0.2\tB\nc2\tNK\t0.6\t0.2\tT\t0.8\tB\n' >>b.tsv
	printf 'c2\tB\t0.3\t0.1\tT\t0.9\tC\nc3\tB\t0.3\t0.1\tT\t0.9\tC\nc1\tB\t0.2\t0.1\tT\t0.9\tC\n' >>c.tsv
}

@test "max takes the most confident call, the first model's on ties" {
	three
	ensemble -q a.tsv b.tsv c.tsv -o out.tsv
	cat >want <<-'E'
	cell	label	confidence	margin	second	entropy	model	agree	models	disagreement
	c1	T	0.9	0.8	B	0.1	A	2	3	0.5
	c2	NK	0.6	0.2	T	0.8	B	1	3	1
	c3	T	0.5	0.2	B	0.5	A	1	3	1
	E
	same out.tsv want
}

@test "mean and vote add up the models" {
	three
	[ "$(ensemble -q --rule mean a.tsv b.tsv c.tsv | cut -f 2,3 | tail -n +2 | tr '\t\n' ' ,')" = "T 0.533333333,B 0.233333333,B 0.266666667," ]
	[ "$(ensemble -q --rule vote a.tsv b.tsv c.tsv | cut -f 2,7,8 | tail -n +2 | tr '\t\n' ' ,')" = "T A 2,B A 2,B B 2," ]
}

@test "weights are by model name or path" {
	three
	printf 'model\tweight\nA\t0.1\nc.tsv\t3\n' >weights.tsv
	[ "$(ensemble -q --weights weights.tsv a.tsv b.tsv c.tsv | cut -f 2,3,7 | tail -n +2 | tr '\t\n' ' ,')" = "T 0.7 B,B 0.3 C,B 0.3 C," ]
	printf 'model\tweight\nZ\t1\n' >weights.tsv
	fails 1 'line 2: no table is of the model Z' ensemble --weights weights.tsv a.tsv b.tsv
	printf 'model\tweight\nA\t-1\n' >weights.tsv
	fails 1 'a weight is 0 or more' ensemble --weights weights.tsv a.tsv b.tsv
	printf 'model\tweight\nA\tinf\n' >weights.tsv
	fails 1 'finite, not inf' ensemble --weights weights.tsv a.tsv b.tsv
	printf 'model\tweight\nA\t0\nB\t0\n' >weights.tsv
	fails 1 'weights.tsv: every model has weight 0' ensemble --rule mean --weights weights.tsv a.tsv b.tsv
}

@test "one model alone is its own answer" {
	three
	ensemble -q b.tsv | cut -f 1-7 >out.tsv
	same out.tsv b.tsv
}

@test "permuting the cells of any table permutes the answer" {
	three
	ensemble -q a.tsv b.tsv c.tsv | sort >x
	{ head -n 1 a.tsv; tail -n +2 a.tsv | sort -r; } >r.tsv
	ensemble -q r.tsv b.tsv c.tsv | sort >y
	same x y
}

@test "missing, extra and repeated cells are errors with counts" {
	three
	sed -i '/^c2/d' b.tsv
	fails 1 'b.tsv: 1 of the 3 cells of a.tsv are missing \(such as c2\)' ensemble a.tsv b.tsv -o out.tsv
	printf 'c9\tT\t1\t1\tB\t0\tB\n' >>b.tsv
	fails 1 'b.tsv: 1 of its 3 cells are not in a.tsv \(such as c9\)' ensemble a.tsv b.tsv -o out.tsv
	printf 'c9\tT\t1\t1\tB\t0\tB\n' >>b.tsv
	fails 1 'b.tsv: line 5: the cell c9 is there twice' ensemble a.tsv b.tsv -o out.tsv
	[ ! -e out.tsv ]
	fails 1 'no column confidence' ensemble <(printf 'cell\tlabel\nc1\tT\n')
	fails 2 'not one of max, mean, vote' ensemble --rule best a.tsv
}

@test "counts are told" {
	three
	run_split ensemble a.tsv b.tsv c.tsv
	grep -q '3 models say the same of 0 of 3 cells' <<<"$errors"
}

# lineages: three models of six cells, and the map of their labels.
lineages() {
	printf 'cell\tlabel\tconfidence\tmodel\n' | tee a.tsv b.tsv >c.tsv
	printf 'c1\tCD4 T\t0.9\tA\nc2\tCD4 T\t0.8\tA\nc3\tT\t0.7\tA\nc4\tCD4 T\t0.6\tA\nc5\tnobody\t0.5\tA\nc6\tCD4 T\t0.4\tA\n' >>a.tsv
	printf 'c1\tCD8 T\t0.6\tB\nc2\tCD4 T\t0.4\tB\nc3\tCD4 T\t0.9\tB\nc4\tneuron\t0.9\tB\nc5\tnobody\t0.5\tB\nc6\tT cell\t0.8\tB\n' >>b.tsv
	printf 'c1\tB\t0.3\tC\nc2\tB\t0.9\tC\nc3\tCD8 T\t0.5\tC\nc4\tkeratinocyte\t0.9\tC\nc5\tCD4 T\t0.9\tC\nc6\tnobody\t0.9\tC\n' >>c.tsv
	printf 'label\tid\tname\nCD4 T\tCL:0000624\tx\nCD8 T\tCL:0000625\tx\nB\tCL:0000236\tx\nT\tCL:0000084\tx\nT cell\tCL:0000084\tx\nneuron\tCL:0000540\tx\nkeratinocyte\tCL:0000312\tx\nnobody\t\t\n' >map.tsv
}

@test "ontology takes the most specific term that more than half of the weight supports" {
	lineages
	ensemble -q --rule ontology --map map.tsv a.tsv b.tsv c.tsv -o out.tsv
	# two kinds of T cell and a B cell; two of a kind; a coarse call and two finer ones; three
	# that share only "cell"; one with an id of three; a coarse and a fine call of two with ids
	cut -f 1-3,7,8,10,11 out.tsv >have
	cat >want <<-'E'
	cell	label	confidence	model	agree	disagreement	cl_id
	c1	mature alpha-beta T cell	0.5	A	2	0.5	CL:0000791
	c2	CD4-positive, alpha-beta T cell	0.4	A	2	0.5	CL:0000624
	c3	mature alpha-beta T cell	0.466666667	B	2	0.5	CL:0000791
	c4	Unknown	0	B	0	1	
	c5	Unknown	0	C	0	1	
	c6	T cell	0.4	B	2	0.5	CL:0000084
	E
	same have want
}

@test "ontology reads a column cl_id as it reads a map" {
	lineages
	ensemble -q --rule ontology --map map.tsv a.tsv b.tsv c.tsv -o want.tsv
	for f in a b c; do
		awk -F '\t' -v OFS='\t' 'NR == FNR { id[$1] = $2; next } { print $0, FNR == 1 ? "cl_id" : id[$2] }' map.tsv $f.tsv >$f.id.tsv
	done
	ensemble -q --rule ontology a.id.tsv b.id.tsv c.id.tsv -o out.tsv
	same out.tsv want.tsv
	fails 1 'a.tsv: there is no column cl_id .*--map' ensemble --rule ontology a.tsv b.id.tsv
	sed -i 's/CL:0000624/CL:9999999/' a.id.tsv
	fails 1 'a.id.tsv: the ontology has no term CL:9999999' ensemble --rule ontology a.id.tsv b.id.tsv
	fails 2 '--map is for --rule ontology' ensemble --map map.tsv a.tsv
}

@test "ontology: quorum and weights move the answer up and down the lineage" {
	lineages
	ids() { ensemble -q --rule ontology --map map.tsv "$@" a.tsv b.tsv c.tsv | cut -f 11 | sed -n '2,4p' | tr '\n' ' '; }
	[ "$(ids --quorum 0.9)" = "CL:0000542 CL:0000542 CL:0000084 " ]
	printf 'model\tweight\nC\t3\n' >weights.tsv
	[ "$(ids --weights weights.tsv)" = "CL:0000236 CL:0000236 CL:0000625 " ]
	ensemble -q --rule ontology --map map.tsv --unknown none a.tsv b.tsv c.tsv | grep -q '^c4	none	0'
	fails 2 'quorum 1' ensemble --rule ontology --quorum 1 a.tsv
}

@test "any number of threads gives the same bytes, and CR LF, gzip and infinity are met" {
	three
	ensemble -q -t 1 a.tsv b.tsv c.tsv -o want.tsv
	ensemble -q -t 4 a.tsv b.tsv c.tsv | same - want.tsv
	sed -i 's/$/\r/' b.tsv
	gzip c.tsv
	ensemble -q a.tsv b.tsv c.tsv.gz | cut -f 1-6,8- >out.tsv
	cut -f 1-6,8- want.tsv | same - out.tsv
	sed -i 's/0.4/inf/' a.tsv
	fails 1 'a.tsv: line 3: confidence is infinite' ensemble a.tsv
}

@test "ids that calls bring go along with the label chosen, and a map fills what is empty" {
	printf 'cell\tlabel\tconfidence\tcl_id\nx\tB\t0.4\tCL:0000236\ny\tT\t0.4\t\n' >a.tsv
	printf 'cell\tlabel\tconfidence\nx\tB\t0.9\ny\tNK\t0.9\n' >b.tsv
	ensemble -q a.tsv b.tsv | cut -f 1,2,11 >out.tsv
	[ "$(<out.tsv)" = "$(printf 'cell\tlabel\tcl_id\nx\tB\tCL:0000236\ny\tNK\t')" ]
	printf 'label\tid\tname\nB\tCL:0000084\tT cell\nT\tCL:0000084\tT cell\nNK\tCL:0000623\tnatural killer cell\n' >map.tsv
	ensemble -q --rule ontology --quorum 0.4 --map map.tsv a.tsv | cut -f 2,11 | tail -n 2 >out.tsv
	[ "$(<out.tsv)" = "$(printf 'B cell\tCL:0000236\nT cell\tCL:0000084')" ]
}

@test "tables without a byte are of models that were passed over; all of them are refused" {
	printf 'cell\tlabel\tconfidence\nx\tB\t0.4\n' >a.tsv
	: >b.tsv
	ensemble -q a.tsv -o want.tsv
	ensemble -q b.tsv a.tsv b.tsv -o out.tsv
	same out.tsv want.tsv
	fails 3 'every model was skipped' ensemble b.tsv b.tsv -o none.tsv
	[ ! -e none.tsv ]
}

@test "all but two voters: popV's parent vote, wherever its own answer is unique" {
	python - "$GOLDEN/map" <<-'P'
	import csv, gzip, os, sys
	read = lambda f: list(csv.DictReader(gzip.open(f"{sys.argv[1]}/{f}.tsv.gz", "rt"), delimiter="\t"))
	terms = read("popv_terms"); ids = {t["name"]: t["id"] for t in terms}
	with open("cl.obo", "w") as o:
	    o.write("format-version: 1.2\n")
	    for t in terms:
	        o.write(f"\n[Term]\nid: {t['id']}\nname: {t['name']}\n" + "".join(f"is_a: {p}\n" for p in t["parents"].split("|") if p))
	rows = read("popv_votes"); want = open("want", "w")
	for n in sorted({int(r["voters"]) for r in rows}):
	    os.mkdir(f"n{n}")
	    outs = [open(f"n{n}/{v}.tsv", "w") for v in range(1, n + 1)]
	    for o in outs: o.write("cell\tlabel\tconfidence\tcl_id\n")
	    for r in rows:
	        if int(r["voters"]) != n: continue
	        for v, o in enumerate(outs, 1):
	            name = r[f"voter{v}"]; o.write(f"{r['case']}\t{name or 'NA'}\t0.5\t{ids.get(name, '')}\n")
	        if r["parent_unique"] == "1": want.write(f"{r['case']}\t{r['parent']}\n")
	P
	for n in n*; do
		ensemble -q --rule ontology --errors 2 --ontology cl.obo "$n"/*.tsv >>got.tsv
	done
	awk -F '\t' 'NR == FNR { label[$1] = $2; next } { n++; same += label[$1] == $2; if (label[$1] != $2) print $1, label[$1], "|", $2 } END { print n, same; exit !(n > 460 && n == same) }' got.tsv want
	head -n 1 got.tsv | grep -q 'cl_id	votes	voters$'
	fails 2 'for --rule ontology' ensemble --errors 2 n2/1.tsv
}

@test "popV's worked example: the deepest term that all but two support" {
	printf 'format-version: 1.2\n' >toy.obo
	while read -r id name parent; do
		printf '\n[Term]\nid: %s\nname: %s\n' "$id" "$name"
		[ -z "$parent" ] || printf 'is_a: %s\n' "$parent"
	done >>toy.obo <<-'E'
	CL:0000000 cell
	CL:0000001 lymphocyte CL:0000000
	CL:0000002 T CL:0000001
	CL:0000003 CD4 CL:0000002
	CL:0000004 CD8 CL:0000002
	CL:0000005 B CL:0000001
	CL:0000006 NK CL:0000001
	CL:0000007 monocyte CL:0000000
	E
	for v in 1 2 3 4 5; do
		printf 'cell\tlabel\tconfidence\tcl_id\n'
		printf '%s\n' 'CD4 CD8 B NK CD4' 'CD4 CD8 B monocyte NK' 'B B CD4 CD4 monocyte' 'CD4 NK NK CD4 B' |
			awk -v v=$v -v OFS='\t' 'BEGIN { n = split("cell lymphocyte T CD4 CD8 B NK monocyte", t); for (i = 1; i <= n; i++) id[t[i]] = sprintf("CL:%07d", i - 1) }
				{ print "c" NR, $v, 0.5, id[$v] }'
	done >all
	for v in 1 2 3 4 5; do sed -n "$((5 * v - 4)),$((5 * v))p" all >v$v.tsv; done
	ensemble -q --rule ontology --errors 2 --ontology toy.obo v?.tsv | cut -f 2 | paste -sd ' ' >have
	echo 'label T lymphocyte lymphocyte lymphocyte' >want
	same have want
	# most frequent label, by name on ties: c1 CD4, c4 CD4 and NK are two each
	ensemble -q --rule vote v?.tsv | cut -f 2 | sed -n '2p;4p' | paste -sd ' ' >have
	echo 'CD4 B' >want
	same have want
}

@test "softmax calls say so after the ensemble, and a mix of links compared by confidence is warned of" {
	printf 'cell\tlabel\tconfidence\tmodel\tlink\nc1\tT\t0.99\ts\tsoftmax\n' >soft.tsv
	printf 'cell\tlabel\tconfidence\tmodel\nc1\tB\t0.7\to\n' >ovr.tsv
	ensemble --compare confidence soft.tsv ovr.tsv -o out.tsv 2>message
	grep -q '1 of 2 models are softmax' message
	head -n 1 out.tsv | tr '\t' '\n' | grep -qx link
	grep -q softmax out.tsv
	gate out.tsv 2>&1 >/dev/null | grep -q '1 of 1 cells have the confidence of a softmax model'
	ensemble ovr.tsv ovr.tsv -o out.tsv 2>message
	run head -n 1 out.tsv
	[[ $output != *link* ]]
	run cat message
	[[ $output != *warning* && $output != *softmax* ]]
}

@test "models of two kinds are compared by how likely their calls are right" {
	printf 'cell\tlabel\tconfidence\tmodel\tprobability\tlink\nx\tT\t0.5\ts\t0.9\tsoftmax\ny\tT\t0.5\ts\t0.4\tsoftmax\n' >soft.tsv
	printf 'cell\tlabel\tconfidence\tmodel\tprobability_raw\nx\tB\t0.99\to\t0.7\ny\tB\t0.6\to\t0.5\n' >ovr.tsv
	labels() { ensemble -q "$@" soft.tsv ovr.tsv | cut -f 2,3 | tail -n 2 | paste -sd ' '; }
	[ "$(labels)" = "T	0.9 B	0.5" ] # confidence is on the one scale that they were compared by
	[ "$(labels --compare probability)" = "T	0.9 B	0.5" ]
	[ "$(labels --compare confidence)" = "B	0.99 B	0.6" ]
	[ "$(labels --rule mean)" = "T	0.45 B	0.25" ]
	[ "$(labels --rule vote)" = "T	0.45 B	0.25" ]
	# of one kind, uncalibrated: confidence, as ever
	sed -e s/0.7/0.1/ -e 's/\<B\>/NK/' -e 's/\to\t/\tq\t/' -e s/0.99/0.995/ ovr.tsv >other.tsv
	[ "$(ensemble -q ovr.tsv other.tsv | cut -f 2 | sed -n 2p)" = NK ]
	[ "$(ensemble -q --compare probability ovr.tsv other.tsv | cut -f 2 | sed -n 2p)" = B ]
	# a table of neither
	cut -f 1-4 ovr.tsv >bare.tsv
	ensemble soft.tsv bare.tsv -o out.tsv 2>message
	grep -q '1 of 2 tables have no probability' message
	[ "$(cut -f 2 out.tsv | sed -n 2p)" = B ]
	fails 1 'bare.tsv: there is no column probability' ensemble --compare probability soft.tsv bare.tsv
	fails 2 'not one of auto, confidence, probability' ensemble --compare luck soft.tsv
}

@test "what a cell's confidence must be goes with it to the one scale: gate says the same" {
	printf 'cell\tlabel\tconfidence\tmodel\tn_counts\tn_genes\tconfidence_needed\tprobability\tlink\nx\tT\t0.5\ts\t9\t9\t0.6\t0.9\tsoftmax\ny\tT\t0.5\ts\t99\t9\t0.4\t0.8\tsoftmax\n' >soft.tsv
	printf 'cell\tlabel\tconfidence\tmodel\tprobability\nx\tB\t0.99\to\t0.7\ny\tB\t0.6\to\t0.5\n' >votes.tsv
	ensemble -q soft.tsv votes.tsv -o out.tsv
	column() { awk -F '\t' -v c="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == c) at = i; next } { print $at }' out.tsv | paste -sd ' '; }
	[ "$(column confidence)" = "0.9 0.8" ]
	[ "$(column confidence_needed)" = "1.08 0.64" ]
	gate -q --min-probability 0 --min-confidence 0 soft.tsv | cut -f 2 >alone
	gate -q --min-probability 0 --min-confidence 0 out.tsv | cut -f 2 >together
	same alone together
	grep -qx Unknown alone
}

@test "--weight weighs one model by its name or its table; one that was passed over has no say" {
	printf 'cell\tlabel\tconfidence\tmodel\nc1\tT\t0.8\tone\n' >a.tsv
	printf 'cell\tlabel\tconfidence\tmodel\nc1\tB\t0.9\ttwo\n' >b.tsv
	: >none.tsv
	ensemble -q a.tsv b.tsv | grep -q '^c1	B	0.9'
	ensemble -q --weight two=0.8 a.tsv b.tsv | grep -q '^c1	T	0.8'
	ensemble -q --weight b.tsv=0.8 a.tsv b.tsv | grep -q '^c1	T	0.8'
	ensemble -q --weight none.tsv=0.8 a.tsv none.tsv | grep -q '^c1	T	0.8'
	ensemble -q --compare confidence --manifest m.json a.tsv b.tsv >/dev/null
	python -c 'import json; d = json.load(open("m.json"), object_pairs_hook=lambda p: [1 / (len(p) == len(dict(p))), dict(p)][1]); assert "a.tsv: confidence; b.tsv: confidence" in str(d), d'
	fails 1 'three=1: no table is of that model' ensemble --weight three=1 a.tsv b.tsv
	fails 1 'two: MODEL=WEIGHT was expected' ensemble --weight two a.tsv b.tsv
	fails 1 'two=-1: MODEL=WEIGHT was expected' ensemble --weight two=-1 a.tsv b.tsv
}
