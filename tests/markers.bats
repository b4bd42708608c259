load helper

E=$GOLDEN/evidence
pbmc=$GOLDEN/pbmc68k_reduced.h5ad

# agree OURS GOLDEN.gz PREFIX: score, log2fc and shares to 1e-5 of scanpy's, p and padj to 1e-6.
agree() {
	zcat "$2" | awk -F '\t' -v ours="$1" -v prefix="$3" '
	function off(a, b, rel, abs_) { if (b == "NA" || b == "") return 0; d = a - b; if (d < 0) d = -d; s = b < 0 ? -b : b + 0; return d > rel * s + abs_ }
	BEGIN { while ((getline line < ours) > 0) { split(line, f, "\t"); row[f[2], f[1]] = line } }
	NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
	{
		if (!(($1, $2) in row)) { print "no row for " $1 " in " $2; exit bad = 1 }
		split(row[$1, $2], f, "\t"); n++
		if (off(f[3], $at[prefix "_score"], 1e-5, 1e-6) || off(f[4], $at["lfc"], 1e-5, 1e-6) ||
		    off(f[5], $at[prefix "_p"], 1e-6, 0) || off(f[6], $at[prefix "_bh"], 1e-6, 0) ||
		    off(f[8], $at["pts"], 1e-8, 0) || off(f[9], $at["pts_rest"], 1e-8, 0)) {
			print $0; print row[$1, $2]; exit bad = 1 }
	}
	END { if (!bad && n < 50) { print n " rows"; bad = 1 }; exit bad }'
}

@test "t-tests and Wilcoxon's, with and without ties corrected, give scanpy's numbers on PBMC" {
	local test
	for test in t:t-test over:t-test-overestim wil:wilcoxon; do
		markers -q -g bulk_labels --slot raw --method "${test#*:}" "$pbmc" -o ours.tsv
		agree ours.tsv "$E/pbmc68k_rest.tsv.gz" "${test%:*}"
	done
	markers -q -g bulk_labels --slot raw --tie-correct "$pbmc" -o ours.tsv
	agree ours.tsv "$E/pbmc68k_rest.tsv.gz" wiltie
}

@test "ties, negative values, constant and absent genes, cells without a label, stored zeros: scanpy's numbers" {
	local test
	for test in t:t-test over:t-test-overestim wil:wilcoxon; do
		markers -q -g group --slot X --accept scaled --method "${test#*:}" "$E/synthetic_input.h5ad" -o ours.tsv
		agree ours.tsv "$E/synthetic_rest.tsv.gz" "${test%:*}"
		markers -q -g group --slot X --accept scaled --method "${test#*:}" --reference mid "$E/synthetic_input.h5ad" -o ours.tsv
		agree ours.tsv "$E/synthetic_reference.tsv.gz" "${test%:*}"
	done
	markers -q -g group --slot X --accept scaled --tie-correct --reference mid "$E/synthetic_input.h5ad" -o ours.tsv
	agree ours.tsv "$E/synthetic_reference.tsv.gz" wiltie
}

@test "groups that are not asked for stay in the rest, as scanpy has it" {
	local kept
	kept=$(zcat "$E/synthetic_subset.tsv.gz" | awk -F '\t' 'NR > 1 && !($2 in seen) { seen[$2]; print $2 }' | paste -sd ,)
	markers -q -g group --slot X --accept scaled --groups "$kept" --method t-test "$E/synthetic_input.h5ad" -o ours.tsv
	zcat "$E/synthetic_subset.tsv.gz" >subset.tsv && gzip subset.tsv
	awk -F '\t' 'NR > 1 { print $1 }' ours.tsv | sort -u | paste -sd , >got
	[ "$(tr , '\n' <<<"$kept" | sort | paste -sd ,)" = "$(<got)" ]
	agree ours.tsv subset.tsv.gz t
}

@test "AUC is U over n m, of scipy's Mann-Whitney test" {
	markers -q -g bulk_labels --slot raw --method t-test --auc "$pbmc" -o ours.tsv
	zcat "$E/pbmc68k_auc.tsv.gz" | awk -F '\t' '
	BEGIN { while ((getline line < "ours.tsv") > 0) { split(line, f, "\t"); auc[f[2], f[1]] = f[7] } }
	NR > 1 { d = auc[$1, $2] - $6; if (d > 1e-7 || d < -1e-7) exit bad = 1; n++ } END { exit bad || n < 100 }'
	markers -q -g bulk_labels --slot raw --method t-test "$pbmc" | awk -F '\t' 'NR == 2 { exit $7 != "" }'
}

@test "same bytes for any number of threads, memory and way of giving the groups" {
	markers -q -t1 -g bulk_labels --slot raw "$pbmc" -o one.tsv
	markers -q -t3 --memory 1k -g bulk_labels --slot raw "$pbmc" -o three.tsv
	same one.tsv three.tsv
	h5-obs get -c bulk_labels "$pbmc" | sed 1s/bulk_labels/cluster/ >clusters.tsv
	markers -q -c clusters.tsv --slot raw "$pbmc" -o clusters.out
	same one.tsv clusters.out
}

@test "counts are normalised on the way, and it is said which matrix was used" {
	markers -g part --top 3 "$GOLDEN/sample_counts.h5ad" -o a.tsv 2>said
	grep -q 'X: counts .*normalised to 10000' said
	lognorm -q "$GOLDEN/sample_counts.h5ad" -o l.h5ad
	markers -q -g part --top 3 l.h5ad -o b.tsv
	close a.tsv b.tsv 1e-5 1e-6
}

@test "--top, --rank-abs, --drop, --genes and --floor choose what is listed and tested" {
	markers -q -g bulk_labels --slot raw --top 2 "$pbmc" -o top.tsv
	[ "$(wc -l <top.tsv)" -eq 21 ]
	markers -q -g bulk_labels --slot raw --rank-abs --top 1 "$pbmc" | awk -F '\t' 'NR > 1 && $3 < 0 { n++ } END { exit !n }'
	markers -q -g bulk_labels --slot raw --drop 'RPL*,RPS*' "$pbmc" -o drop.tsv
	[ "$(cut -f 2 drop.tsv | grep -cE '^RP[LS]')" -eq 0 ]
	printf 'CD3D\nNKG7\n' >two.txt
	markers -q -g bulk_labels --slot raw --genes two.txt --correct bonferroni "$pbmc" -o two.tsv
	awk -F '\t' 'NR > 1 { b = 2 * $5 < 1 ? 2 * $5 : 1; if ($6 - b > 1e-8 || b - $6 > 1e-8) exit bad = 1; n++ } END { exit bad || n != 20 }' two.tsv
	markers -q -g bulk_labels --slot raw --floor 0.9 "$pbmc" | awk -F '\t' 'NR > 1 { if ($8 > m[$2]) m[$2] = $8 } END { for (g in m) if (m[g] < 0.9) exit 1 }'
}

@test "--donor counts the donors in which the sign is the same" {
	h5-obs get -c bulk_labels "$pbmc" | awk -F '\t' 'NR == 1 { print "cell\tdonor"; next } { print $1 "\td" NR % 3 }' >donor.tsv
	h5-obs put -q -f donor.tsv "$pbmc" -o with.h5ad
	markers -q -g bulk_labels --slot raw --donor donor --top 1 with.h5ad -o d.tsv
	awk -F '\t' '$1 == "CD14+ Monocyte" { exit $12 != "3/3" }' d.tsv
}

@test "--fc linear is of means of counts" {
	markers -q -g bulk_labels --slot raw --fc linear --genes <(echo LYZ) "$pbmc" -o linear.tsv
	markers -q -g bulk_labels --slot raw --genes <(echo LYZ) "$pbmc" -o scanpy.tsv
	run cmp -s linear.tsv scanpy.tsv
	[ "$status" -eq 1 ]
	close <(cut -f 1-3,5- linear.tsv) <(cut -f 1-3,5- scanpy.tsv) 0 0
}

@test "--uns writes scanpy's layout and leaves the rest as it was" {
	markers -q -g bulk_labels --slot raw --top 5 "$pbmc" --uns out.h5ad -o m.tsv
	python - <<-'END'
		import h5py
		f = h5py.File("out.h5ad")
		r = f["uns/rank_genes_groups"]
		rows = [l.rstrip("\n").split("\t") for l in open("m.tsv")][1:]
		groups = r["names"].dtype.names
		assert len(groups) == 10 and r["scores"].dtype[0] == "f4" and r["pvals"].dtype[0] == "f8"
		for g in groups:
		    mine = [x for x in rows if x[0] == g]
		    assert [x[1] for x in mine] == [n.decode() for n in r["names"][g]], g
		    assert abs(float(mine[0][2]) - r["scores"][g][0]) < 1e-4
		    assert abs(float(mine[0][7]) - r["pts"][g][:][list(r["pts"]["_index"].asstr()[:]).index(mine[0][1])]) < 1e-8
		assert r["params/use_raw"][()] and r["params/groupby"].asstr()[()] == "bulk_labels"
		assert "X_pca" in f["obsm"]
	END
	h5-obs get -c bulk_labels out.h5ad -o a && h5-obs get -c bulk_labels "$pbmc" -o b && same a b
}

@test "a group of one cell is refused by name, or left in the rest" {
	h5-obs get -c bulk_labels "$pbmc" | awk -F '\t' 'NR == 1 { print "cell\tcluster"; next } { print $1 "\t" (NR == 2 ? "lonely" : $2) }' >c.tsv
	fails 3 "group 'lonely' has one cell" markers -c c.tsv --slot raw "$pbmc"
	markers --skip-small -c c.tsv --slot raw "$pbmc" -o m.tsv 2>said
	grep -q "1 groups have one cell: they stay in the rest" said
	[ "$(grep -c lonely m.tsv)" -eq 0 ]
}

@test "scaled and negative matrices are refused, or used with a warning" {
	fails 3 'X is scaled' markers -g bulk_labels --slot X "$pbmc"
	markers -g bulk_labels --slot X --accept scaled --top 1 "$pbmc" -o m.tsv 2>said
	grep -q 'negative values: log2fc' said
}

@test "wrong groups, columns and tables are named" {
	fails 2 'say what the groups are' markers "$pbmc"
	fails 1 "bulk_labels" markers -g bulk_label "$pbmc"
	fails 1 "no group NK" markers -g bulk_labels --groups NK "$pbmc"
	fails 1 "no group x" markers -g bulk_labels --reference x "$pbmc"
	printf 'cell\tcluster\nnobody\t1\n' >c.tsv
	fails 1 "1 of 1 cells are not in the file, the first is 'nobody'" markers -c c.tsv "$pbmc"
	fails 3 'no gene is left' markers -g bulk_labels --slot raw --drop '*' "$pbmc"
	fails 2 'floor' markers -g bulk_labels --floor 2 "$pbmc"
}

@test "a group without a name is no field of scanpy's layout: that is said, and no table is left" {
	h5-select -q --genes <(lr-model genes "$GOLDEN/lr.sk15.pkl" | awk 'NR > 1 && NR < 40 { print $1 }') "$pbmc" -o cells.h5ad
	/usr/bin/python3 -c 'import h5py
with h5py.File("cells.h5ad", "r+") as f:
    f["obs/bulk_labels/categories"][0] = ""'
	fails 1 'without a name' markers -q -g bulk_labels --few pass cells.h5ad --uns out.h5ad -o m.tsv
	[ ! -e out.h5ad ]
	[ ! -e m.tsv ]
}
