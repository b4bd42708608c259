load helper

pbmc=$GOLDEN/pbmc68k_reduced.h5ad
core=$TESTS/../refs/markers/core.tsv

# The markers of PBMC by their labels, made once.
marked() {
	[ -e "$BATS_FILE_TMPDIR/m.tsv" ] || markers -q -g bulk_labels --slot raw "$pbmc" -o "$BATS_FILE_TMPDIR/m.tsv"
	cp "$BATS_FILE_TMPDIR/m.tsv" m.tsv
}

column() { awk -F '\t' -v c="$1" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } { print $1 "=" $at[c] }' "$2"; }

@test "the shipped list names current terms by their names, with approved symbols and references" {
	awk -F '\t' '
	FILENAME ~ /cl.tsv/ { if ($10 != 1) name[$1] = $2; next }
	FNR == 1 { next }
	{ if (name[$1] != $2) { print "no such term: " $1 " " $2; exit bad = 1 }
	  if ($4 != "+" && $4 != "-" || $10 !~ /^(asctb|panglaodb|sctype|celltypist)-/) { print; exit bad = 1 }
	  n[$1 $4]++; type[$1] }
	END { for (t in type) if (n[t "+"] < 3 || n[t "-"] < 1) { print t; bad = 1 } exit bad }' "$TESTS/../ontology/cl.tsv" "$core"
	zcat "$TESTS/../refs/genes/ensembl.tsv.gz" | awk -F '\t' 'NR == FNR { ok[$2]; next } FNR > 1 && !($3 in ok) { print $3; bad = 1 } END { exit bad }' - "$core"
}

@test "clusters of PBMC are named, and clusters with too little stay unresolved" {
	marked
	marker-check m.tsv -o v.tsv 2>said
	grep -q 'of 3852 rows 0 filtered out' said
	column status v.tsv | grep -q 'CD4+/CD45RA+/CD25- Naive T=unresolved'
	column reason v.tsv | grep -q 'CD4+/CD45RA+/CD25- Naive T=few-markers'
	column best v.tsv | grep -q 'Dendritic=dendritic cell'
}

@test "right labels are supported, labels of another lineage are in conflict" {
	marked
	marker-check -q --by-name m.tsv -o right.tsv
	[ "$(column status right.tsv | grep -c '=supported')" -ge 8 ]
	[ "$(column status right.tsv | grep -c '=conflict')" -eq 0 ]
	printf 'cluster\tlabel\nDendritic\thepatocyte\nCD56+ NK\tB cell\nCD19+ B\tfibroblast\n' >wrong.tsv
	marker-check -q -l wrong.tsv --force-unresolved m.tsv -o v.tsv
	column status v.tsv | grep -q 'CD56+ NK=conflict'
	column label v.tsv | grep -q 'CD56+ NK=Unresolved'
	column proposed v.tsv | grep -q 'CD56+ NK=B cell'
	[ "$(column status v.tsv | grep -E '^(Dendritic|CD19)' | grep -c supported)" -eq 0 ]
}

@test "evidence shuffled over the genes resolves nothing" {
	marked
	local seed bad=0
	for seed in 1 2 3 4 5 6; do
		awk -F '\t' -v OFS='\t' -v seed=$seed '
		NR == 1 { srand(seed); print; next }
		{ gene[NR] = $2; row[NR] = $0; of[NR] = $1 }
		END { for (i = NR; i > 2; i--) { first = i; while (first > 2 && of[first - 1] == of[i]) first--
			j = first + int(rand() * (i - first + 1)); t = gene[i]; gene[i] = gene[j]; gene[j] = t }
		      for (i = 2; i <= NR; i++) { split(row[i], f, "\t"); $0 = row[i]; $2 = gene[i]; print } }' m.tsv >null.tsv
		marker-check -q null.tsv -o v.tsv
		bad=$((bad + $(column status v.tsv | grep -vc '=unresolved' || true)))
	done
	echo "$bad of 60 resolved"
	[ "$bad" -le 3 ]
}

@test "--candidates lists types by falling z, terms above them too" {
	marked
	marker-check -q --candidates m.tsv -o c.tsv
	awk -F '\t' 'NR > 1 { if ($1 == last && $4 > z) exit bad = 1; last = $1; z = $4; derived += $6; n[$1]++; if (n[$1] > 40) exit bad = 1 }
		END { exit bad || !derived }' c.tsv
}

@test "--json has the same verdicts and counts" {
	marked
	marker-check -q --json v.json m.tsv -o v.tsv
	python - <<-'END'
		import csv, json
		j, rows = json.load(open("v.json")), list(csv.DictReader(open("v.tsv"), delimiter="\t"))
		assert [c["label"] for c in j["clusters"]] == [r["label"] for r in rows]
		assert j["summary"]["total"] == len(rows) == sum(j["metrics"]["confidence_bins"])
		assert j["summary"]["unresolved"] == sum(r["status"] == "unresolved" for r in rows)
	END
}

# A made-up set of 300 genes in which cluster a has A1..A4 and b has B1..B4.
toy() {
	awk 'BEGIN { OFS = "\t"; print "cluster", "gene", "padj", "log2fc", "auc"
		for (c = 1; c <= 2; c++) for (i = 1; i <= 300; i++) { g = i <= 4 ? "AA" i : i <= 8 ? "BB" i - 4 : "G" i
			up = (c == 1 && i <= 4) || (c == 2 && i > 4 && i <= 8)
			print c == 1 ? "a" : "b", g, up ? 0 : 1, up ? 2 : 0, up ? 0.9 : 0.5 } }' >toy.tsv
}

@test "tables of PanglaoDB, CellMarker, ScType and GMT are known by their headers, Windows ends and all" {
	toy
	printf 'species\tofficial gene symbol\tcell type\torgan\r\n' >p.tsv
	printf 'Hs\tAA%d\tHepatocytes\tLiver\r\n' 1 2 3 4 >>p.tsv
	printf 'Mm Hs\tBB%d\tB cells\tImmune system\r\n' 1 2 3 4 >>p.tsv
	printf 'species\ttissue_type\tuberonongology_id\tcell_type\tcell_name\tcellontology_id\tmarker\tSymbol\n' >c.tsv
	printf 'Human\tLiver\t\tNormal cell\tHepatocyte\tCL_0000182\tx\tAA%d\n' 1 2 3 4 >>c.tsv
	printf 'Human\tBlood\t\tNormal cell\tB cell\tCL_0000236\tx\tBB%d\n' 1 2 3 4 >>c.tsv
	printf 'tissueType\tcellName\tgeneSymbolmore1\tgeneSymbolmore2\tshortName\n' >s.tsv
	printf 'Liver\tHepatocytes\tAA1,AA2,AA3, AA4\tBB1\tH\nImmune system\tB cells\tBB1,BB2,BB3,BB4\tAA1\tB\n' >>s.tsv
	printf 'Hepatocyte\t-\tAA1\tAA2\tAA3\tAA4\nB cell\t-\tBB1\tBB2\tBB3\tBB4\n' >g.gmt
	local table
	for table in p.tsv c.tsv s.tsv g.gmt; do
		marker-check -q --db $table toy.tsv -o v.tsv
		echo "$table: $(column label v.tsv | paste -sd ' ')"
		[ "$(column label v.tsv | paste -sd ' ')" = 'a=hepatocyte b=B cell' ]
	done
	marker-check --organ liver --db p.tsv toy.tsv -o v.tsv 2>said
	grep -q 'of 8 rows 4 filtered out' said
}

@test "filters that leave nothing, wrong headers and genes of another species are refused by name" {
	toy
	fails 2 'no fact is left of' marker-check --db "$core" --species 10090 toy.tsv
	printf 'a\tb\n1\t2\n' >w.tsv
	fails 1 'w.tsv: no marker table' marker-check --db w.tsv toy.tsv
	fails 1 'no table of markers: there is no column cluster' marker-check w.tsv
	fails 3 'no type of the tables has 3 genes' marker-check toy.tsv
	printf 'name only\n' >b.gmt
	fails 1 'b.gmt: line 1: a set has' marker-check --db b.gmt toy.tsv
	printf 'cluster\tlabel\nz\tB cell\n' >l.tsv
	fails 1 "cluster 'z' has no markers" marker-check -l l.tsv --db "$core" toy.tsv
	fails 2 'not both' marker-check --by-name -l l.tsv toy.tsv
}

@test "labels that were given need less support than a cluster that is to be named; --min-z sets both" {
	marked
	marker-check -q --by-name m.tsv -o three.tsv
	marker-check -q --by-name --min-z 4 m.tsv -o four.tsv
	awk -F '\t' '$6 == "supported" && $7 < 4 { print $1 }' three.tsv >thin
	awk -F '\t' '$6 == "supported" && $7 < 4 { bad = 1 } END { exit bad }' four.tsv
	[ "$(cut -f 1,6 four.tsv | grep -Ff thin | grep -c weak)" -eq "$(wc -l <thin)" ]
	[ -s thin ]
	marker-check -q m.tsv -o named.tsv
	awk -F '\t' '($6 == "resolved" || $6 == "climbed") && $14 < 4 { bad = 1 } END { exit bad }' named.tsv
}

@test "symbols of another species are refused with an example" {
	marked
	awk -F '\t' -v OFS='\t' 'NR > 1 { $2 = substr($2, 1, 1) tolower(substr($2, 2)) "rik" } 1' m.tsv >mouse.tsv
	fails 3 'another species' marker-check mouse.tsv
}

@test "a table cut by --top is warned about; scanpy's and Seurat's columns are read" {
	markers -q -g bulk_labels --slot raw --top 50 "$pbmc" -o top.tsv
	marker-check top.tsv -o v.tsv 2>said
	grep -q 'lists different genes for each cluster' said
	marked
	awk -F '\t' -v OFS='\t' 'NR == 1 { print "p_val", "avg_log2FC", "pct.1", "pct.2", "p_val_adj", "cluster", "gene"; next } { print $5, $4, $8, $9, $6, $1, $2 }' m.tsv >seurat.tsv
	marker-check seurat.tsv -o v.tsv 2>said
	grep -q 'evidence by shares of cells' said
	column best v.tsv | grep -q 'Dendritic=.*dendritic'
}
