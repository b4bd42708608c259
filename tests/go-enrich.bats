load helper

E=$GOLDEN/evidence

# The two-column table of the golden studies, and their background.
studies() {
	awk -F '\t' 'NR == 1 { print "list\tgene"; next } $3 != "" && $1 ~ /^s[0-9]$/ { n = split($3, g, "|"); for (i = 1; i <= n; i++) print $1 "\t" g[i] }' "$E/go_studies.tsv" >lists.tsv
	zcat "$E/go_background.tsv.gz" | tail -n +2 >background.txt
}

# goatools RUN RELATIONS: every term tested, with its counts, p and corrected p to 1e-10.
goatools() {
	go-enrich -q --as-is --all --two-sided --min-size 1 --max-size 100000 --top 0 --relations "$2" \
		--background background.txt lists.tsv -o ours.tsv
	zcat "$E/go_enrichment.tsv.gz" | awk -F '\t' -v run="$1" '
	function off(a, b) { d = a - b; return (d < 0 ? -d : d) > 1e-10 * b }
	BEGIN { while ((getline line < "ours.tsv") > 0) { split(line, f, "\t"); if (f[1] == substr(run, 1, 2)) { row[f[2]] = line; left++ } } }
	NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
	$1 == run {
		split(row[$2], f, "\t"); n++
		if (f[5] != $at["study_count"] || f[6] != $at["study_n"] || f[7] != $at["pop_count"] || f[8] != $at["pop_n"] ||
		    f[13] != $at["depth"] || off(f[11], $at["p"]) || off(f[12], $at["fdr_bh"])) { print; print row[$2]; exit bad = 1 }
	}
	END { if (!bad && (n != left || n < 7000)) { print n " and " left; bad = 1 } exit bad }'
}

@test "counts, p, corrected p and depth are goatools', over is_a and part_of" {
	studies
	goatools s0_tested is_a
	goatools s2_tested is_a
	goatools s0_tested_part_of is_a,part_of
}

@test "one-sided p is scipy's upper tail" {
	studies
	go-enrich -q --as-is --all --min-size 1 --max-size 100000 --top 0 --relations is_a --background background.txt lists.tsv -o ours.tsv
	zcat "$E/go_enrichment.tsv.gz" | awk -F '\t' '
	BEGIN { while ((getline line < "ours.tsv") > 0) { split(line, f, "\t"); if (f[1] == "s0") p[f[2]] = f[11] } }
	NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
	$1 == "s0_tested" { b = $at["p_upper"]; d = p[$2] - b; if ((d < 0 ? -d : d) > 1e-10 * b) { print; exit bad = 1 } n++ } END { exit bad || n < 7000 }'
}

@test "annotations propagate to every term as the database's own tables have it" {
	zcat "$TESTS/../refs/go/annotations.tsv.gz" | awk -F '\t' 'NR > 1 { print $1 }' | uniq >genes.txt
	printf 'list\tgene\na\tCD4\n' >one.tsv
	local relations column
	while read -r relations column; do
		go-enrich -q --as-is --background genes.txt --relations "$relations" --slim '' --counts c.tsv one.tsv -o /dev/null
		# the three roots count genes of which nothing is known, too: dropped here
		zcat "$E/go_propagation.tsv.gz" | awk -F '\t' -v c="$column" '
		BEGIN { while ((getline line < "c.tsv") > 0) { split(line, f, "\t"); n[f[1]] = f[3] } }
		NR > 1 && $1 !~ /^GO:000(3674|5575|8150)$/ { seen++; if (n[$1] != $c) { print $1, n[$1], $c; exit bad = 1 } } END { exit bad || seen != 22960 }'
	done <<-'END'
		is_a 3
		is_a,part_of 4
		is_a,part_of,regulates,positively_regulates,negatively_regulates 5
	END
}

@test "terms map to a slim as goatools' mapslim has it, direct and all, from OBO" {
	printf 'symbol\tgene_id\tterm\tevidence\nCD4\t920\tGO:0000017\tIDA\n' >a.tsv
	printf 'CD4\n' >genes.txt
	printf 'list\tgene\na\tCD4\n' >one.tsv
	local mode column
	for mode in direct:2 all:3; do
		go-enrich -q --terms "$E/slim.obo.gz" --annotations a.tsv --relations is_a --slim-mode "${mode%:*}" \
			--background genes.txt --min-size 1 --counts c.tsv one.tsv -o /dev/null
		column=${mode#*:}
		zcat "$E/slim_map.tsv.gz" | awk -F '\t' -v c="$column" '
		BEGIN { while ((getline line < "c.tsv") > 0) { split(line, f, "\t"); slim[f[1]] = f[4] } }
		NR > 1 { if (slim[$1] != $c) { print; exit bad = 1 } n++ } END { exit bad || n != 400 }'
	done
}

@test "markers of PBMC give terms a person would expect; --prune leaves fewer" {
	markers -q -g bulk_labels --slot raw "$GOLDEN/pbmc68k_reduced.h5ad" -o m.tsv
	go-enrich m.tsv -o go.tsv 2>said
	grep -q '2373 terms are tested' said
	awk -F '\t' '$1 == "CD56+ NK" && $3 ~ /killing|cytoly|natural killer|cytotoxic/ { n++ } END { exit !n }' go.tsv
	go-enrich -q --prune m.tsv -o pruned.tsv
	[ "$(wc -l <pruned.tsv)" -lt "$(wc -l <go.tsv)" ]
}

# A tiny ontology: 1 is the root, 2 and 3 below it, 4 below both.
tiny() {
	cat >tiny.obo <<-'END'
		format-version: 1.2

		[Term]
		id: GO:1
		name: root
		namespace: biological_process

		[Term]
		id: GO:2
		name: left
		alt_id: GO:22
		is_a: GO:1 ! root

		[Term]
		id: GO:3
		name: right
		relationship: part_of GO:1 ! root

		[Term]
		id: GO:4
		name: both
		is_a: GO:2
		relationship: part_of GO:3
	END
	printf 'A\nB\nC\nD\n' >genes.txt
	printf 'list\tgene\na\tA\na\tB\n' >lists.tsv
}

@test "GAF 2.2 and gene2go: NOT and no data are left out, alternative ids and CRLF are read" {
	tiny
	row() { printf 'U\tP1\t%s\t%s\t%s\tPMID:1\t%s\t\tP\tn\t\tprotein\ttaxon:%s\t20220101\tX\t\t\r\n' "$@"; }
	{ printf '!gaf-version: 2.2\r\n'; row A involved_in GO:4 IDA 9606; row B 'NOT|involved_in' GO:4 IDA 9606
	  row C involved_in GO:22 IEA 9606; row D involved_in GO:2 ND 9606; row D involved_in GO:9 IDA 9606; row D involved_in GO:4 IDA 10090; } | gzip >a.gaf.gz
	go-enrich --as-is --terms tiny.obo --annotations a.gaf.gz --background genes.txt --slim '' --min-size 1 --counts c.tsv lists.tsv -o o.tsv 2>said
	grep -q '4 terms, 2 annotations of 2 genes; of 6 rows 1 with NOT, 1 without data, 1 of unknown terms, 1 filtered out' said
	[ "$(awk -F '\t' 'NR > 1 { print $1 "=" $3 }' c.tsv | paste -sd ' ')" = 'GO:1=2 GO:2=2 GO:3=1 GO:4=1' ]
	go-enrich -q --as-is --exclude IEA --terms tiny.obo --annotations a.gaf.gz --background genes.txt --slim '' --min-size 1 --counts c.tsv lists.tsv -o o.tsv
	[ "$(awk -F '\t' 'NR > 1 { print $1 "=" $3 }' c.tsv | paste -sd ' ')" = 'GO:1=1 GO:2=1 GO:3=1 GO:4=1' ]
	printf '#tax_id\tGeneID\tGO_ID\tEvidence\tQualifier\tGO_term\tPubMed\tCategory\n9606\tA\tGO:4\tIDA\tinvolved_in\tboth\t-\tProcess\n9606\tB\tGO:4\tIDA\tNOT involved_in\tboth\t-\tProcess\n' >gene2go
	go-enrich -q --as-is --terms tiny.obo --annotations gene2go --background genes.txt --slim '' --min-size 1 --counts c.tsv lists.tsv -o o.tsv
	[ "$(awk -F '\t' 'NR > 1 { print $1 "=" $3 }' c.tsv | paste -sd ' ')" = 'GO:1=1 GO:2=1 GO:3=1 GO:4=1' ]
}

@test "sets of a GMT file are tested as they are" {
	tiny
	printf 'ONE\t-\tA\tB\nTWO\t-\tC\tD\n' >s.gmt
	go-enrich -q --gmt s.gmt --all --min-size 1 --background genes.txt lists.tsv -o o.tsv
	awk -F '\t' '$2 == "ONE" { d = $11 - 1 / 6; exit !(d < 1e-12 && d > -1e-12) }' o.tsv
}

@test "circles, has_part, cut tables, lists without a background and broken files are refused" {
	tiny
	printf 'symbol\tgene_id\tterm\tevidence\nA\t1\tGO:4\tIDA\n' >a.tsv
	refused() { fails "$1" "$2" go-enrich --terms "$3" --annotations "$4" --slim '' --min-size 1 --background genes.txt lists.tsv; }
	sed 's/^name: root/name: root\nis_a: GO:4/' tiny.obo >circle.obo
	refused 1 'circle.obo: GO:.* is above itself' circle.obo a.tsv
	sed 's/^name: root/name: root\nrelationship: has_part GO:4/' tiny.obo >part.obo
	refused 1 'term GO:1 has_part' part.obo a.tsv
	printf '!gaf-version: 2.2\nA\tB\n' >short.gaf
	refused 1 'line 2: 2 columns, but 15 are needed' tiny.obo short.gaf
	printf '!gaf-version: 1.0\n' >old.gaf
	refused 1 'no annotations: neither GAF 2' tiny.obo old.gaf
	seq 20000 | awk '{ print "U\tP" $1 "\tA" }' | gzip | head -c 2000 >cut.gaf.gz
	refused 1 'cut.gaf.gz' tiny.obo cut.gaf.gz
	fails 3 'what genes they were chosen from must be said' go-enrich lists.tsv
	fails 1 "'isa' is no relation" go-enrich --relations isa --background genes.txt lists.tsv
	fails 1 "no term is in the slim 'none'" go-enrich --slim none --background genes.txt lists.tsv
	fails 3 'no term has 5 to 500 genes' go-enrich --background genes.txt lists.tsv
	markers -q -g bulk_labels --slot raw --top 20 "$GOLDEN/pbmc68k_reduced.h5ad" -o top.tsv
	fails 3 'the table was cut' go-enrich top.tsv
}
